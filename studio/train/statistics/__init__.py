"""What a run measures of its layers beside its steps: how large, how alike and how dead their values are."""
