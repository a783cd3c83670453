"""Register the compatibility APIs of an app."""

from __future__ import annotations

from flask import Flask

from moderation.compat.akismet.calls import bp as akismet
from moderation.compat.azure import calls as azure
from moderation.compat.coral import calls as coral
from moderation.compat.openai import calls as openai
from moderation.compat.perspective.calls import bp as perspective

BLUEPRINTS = (akismet, perspective, openai.bp, coral.bp, azure.bp)


def init_compat(app: Flask) -> None:
    """Register the compatibility APIs at the root, where clients expect them."""
    for bp in BLUEPRINTS:
        app.register_blueprint(bp)
