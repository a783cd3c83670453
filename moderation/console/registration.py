"""The blueprint of the console with all of its pages."""

from __future__ import annotations

from moderation.console import (
    account,
    authors,
    campaigns,
    comments,
    icons,
    insights,
    models,
    overview,
    password,
    preferences,
    rules,
    session,
    single_sign_on,
    views,
)
from moderation.console.blueprint import bp

__all__ = [
    "account",
    "authors",
    "bp",
    "campaigns",
    "comments",
    "icons",
    "insights",
    "models",
    "overview",
    "password",
    "preferences",
    "rules",
    "session",
    "single_sign_on",
    "views",
]
