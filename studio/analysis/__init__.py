"""What a trained run is worth: evaluation and predictions."""
