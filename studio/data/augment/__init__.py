"""Random changes of samples in training: declared in catalog/transforms/, carried out on whole batches."""
