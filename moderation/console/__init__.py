"""The moderators' pages, over the service's own REST API."""

from __future__ import annotations

from moderation.console import account, models, rules, session, views
from moderation.console.blueprint import bp

__all__ = ["account", "bp", "models", "rules", "session", "views"]
