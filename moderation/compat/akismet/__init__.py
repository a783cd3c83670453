"""Akismet's REST API 1.1 and 1.2, as its clients use it."""
