"""What the user drew: immutable values, their edits and their file."""
