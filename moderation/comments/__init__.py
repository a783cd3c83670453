"""Comments: taken in, decided by policy, edited, rescored, and erased."""
