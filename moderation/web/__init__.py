"""Shared parts of all HTTP edges: auth, errors, limits, parsing, and services."""
