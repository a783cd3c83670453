"""What gunicorn serves from a checkout: `gunicorn wsgi:app`."""

from __future__ import annotations

from moderation.server.wsgi import app

__all__ = ["app"]
