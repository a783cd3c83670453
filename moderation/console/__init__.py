"""The moderators' pages, over the service's own REST API."""

from __future__ import annotations

from moderation.console.views import bp

__all__ = ["bp"]
