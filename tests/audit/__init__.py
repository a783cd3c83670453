"""The audit log: recorded, chained, verified, listed, sent elsewhere."""
