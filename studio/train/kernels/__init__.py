"""What training computes by compiled C on the CPU: PyTorch's own digits, in less time."""
