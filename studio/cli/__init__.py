"""The command line: thin over the functions of the other packages, none of which loads before it is used."""

from studio.cli.entry import main

__all__ = ["main"]
