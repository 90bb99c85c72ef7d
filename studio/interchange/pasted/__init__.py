"""Nodes of a piece of code that was pasted."""
