"""Other forms of a project: source code and, later, other formats."""
