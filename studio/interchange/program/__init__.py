"""A project as one PyTorch program: data, network, training and evaluation."""
