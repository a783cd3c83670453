"""Models in service: shadow scoring, drift, what-if, and thresholds."""
