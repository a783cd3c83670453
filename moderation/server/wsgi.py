"""The app that gunicorn serves: `gunicorn moderation.server.wsgi:app`."""

from __future__ import annotations

import gc

from moderation import create_app
from moderation.web.services import services_of

app = create_app()
services_of(app).scoring.warm_up()
# A collection writes to each object that it visits. In a forked worker, that copies the
# pages it shares with the others: 40 MB.
gc.collect()
gc.freeze()
