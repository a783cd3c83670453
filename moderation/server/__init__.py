"""Receive requests without giving slow clients a thread."""
