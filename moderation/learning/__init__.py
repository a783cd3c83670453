"""Training examples from decisions, and candidates with honest figures."""
