"""A plan as PyTorch source, and what it is written from."""
