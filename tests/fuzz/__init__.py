"""Fuzzing: `make fuzz` sends odd input to all that reads text, files, and requests."""
