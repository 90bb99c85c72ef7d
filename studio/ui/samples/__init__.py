"""Looking at the data: a browser of samples, one sample in detail, checks, and plots."""
