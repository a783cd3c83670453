"""The app that gunicorn serves: `gunicorn moderation.server.wsgi:app`."""

from __future__ import annotations

from moderation import create_app

app = create_app()
