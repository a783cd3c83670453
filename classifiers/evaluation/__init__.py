"""Figures with intervals, slices, curves, reports, and the quality gate."""
