"""Plain functions that programs are made of, each copied where it is used.

What is copied stands alone: torch, numpy, the standard library, and others of these functions that are named
beside it.
"""
