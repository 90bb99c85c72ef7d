"""Neuroloom: draw a neural network, check it as you draw, train it, and leave with clean code."""

__version__ = "0.1.0"
