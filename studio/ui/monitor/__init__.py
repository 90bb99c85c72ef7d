"""The monitor: curves, runs, evaluation, predictions."""
