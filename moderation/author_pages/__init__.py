"""The page where an author sees how a comment stands, and may appeal."""

from __future__ import annotations

from moderation.author_pages.views import bp

__all__ = ["bp"]
