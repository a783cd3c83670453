"""Perspective's Comment Analyzer API v1alpha1, which Google ends with 2026."""

from __future__ import annotations

from moderation.compat.perspective.calls import bp

__all__ = ["bp"]
