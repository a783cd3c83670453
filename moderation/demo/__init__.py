"""An article page with the comment form, as readers of a news site have it."""

from __future__ import annotations

from moderation.demo.views import bp

__all__ = ["bp"]
