"""A clock that a test turns back in a process that it started."""
