"""The ways in which one machine can compute the same training, and which of them is the fastest here."""
