"""Small layers and functions that Keras lacks; exported source holds copies of those it uses.

What is copied stands alone: it may use keras, layers, ops and np, and other pieces.
"""
