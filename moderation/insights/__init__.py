"""Figures about the work of a team over time."""
