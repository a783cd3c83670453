"""Akismet's REST API 1.1 and 1.2, as its clients really use it."""

from __future__ import annotations

from moderation.compat.akismet.calls import bp

__all__ = ["bp"]
