"""The data as it is looked at: sample by sample, filtered and sorted, and as figures."""
