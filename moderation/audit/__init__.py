"""The audit log: who did what, chained by a keyed hash."""
