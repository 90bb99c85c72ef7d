"""From data settings to tensors: sources, fields, split, normalisation, batches."""
