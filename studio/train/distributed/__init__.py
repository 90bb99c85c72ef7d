"""Training by several processes, on one machine or many: each computes its share of every batch."""
