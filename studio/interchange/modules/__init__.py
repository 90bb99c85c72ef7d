"""Any PyTorch module as a drawing: what it does is recorded on small inputs and drawn node by node."""
