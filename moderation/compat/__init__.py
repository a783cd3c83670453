"""The wire protocols of others: each module translates one, and decides nothing."""

from __future__ import annotations

from flask import Flask

from moderation.compat import akismet, coral, openai, perspective

BLUEPRINTS = (akismet.bp, perspective.bp, openai.bp, coral.bp)


def init_compat(app: Flask) -> None:
    """Register the foreign protocols with an app, at the root: clients look there."""
    for bp in BLUEPRINTS:
        app.register_blueprint(bp)
