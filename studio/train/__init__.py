"""From a plan and data to trained weights. No Qt."""
