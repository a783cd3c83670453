"""Perspective's Comment Analyzer API v1alpha1."""
