"""The queue: which pending comments, in which order, and how many."""
