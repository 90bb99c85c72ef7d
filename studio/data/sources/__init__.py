"""Readers of data sources, one file per family."""
