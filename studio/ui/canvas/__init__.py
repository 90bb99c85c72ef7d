"""The canvas: the drawing as people see and change it."""
