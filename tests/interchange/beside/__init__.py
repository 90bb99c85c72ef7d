"""The tests of training beside TensorFlow."""
