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
    notices,
    notifications,
    overview,
    password,
    policy_settings,
    preferences,
    rules,
    session,
    settings,
    single_sign_on,
    transparency,
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
    "notices",
    "notifications",
    "overview",
    "password",
    "policy_settings",
    "preferences",
    "rules",
    "session",
    "settings",
    "single_sign_on",
    "transparency",
    "views",
]
