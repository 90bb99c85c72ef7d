"""Bringing in a network: found by its name, run on inputs, drawn, folded, and written down."""
