"""Keras 3: the source of a drawing, its weights in Keras' order, saved models, and the program with data."""
