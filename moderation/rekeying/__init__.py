"""Brings what is stored to the keys in use, while the service runs."""
