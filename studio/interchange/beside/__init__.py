"""The same drawing trained in PyTorch and in TensorFlow, side by side, each in a process of its own."""
