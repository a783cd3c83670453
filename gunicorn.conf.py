"""How gunicorn serves; every value can be overridden on its command line."""

from __future__ import annotations

import multiprocessing
import os

bind = "127.0.0.1:8000"
preload_app = True  # the model is mapped once, shared by all workers
control_socket_disable = True
workers = max(2, multiprocessing.cpu_count())
worker_class = "moderation.server.worker.BufferingWorker"
# While one thread waits for PostgreSQL, another one scores. SQLite has nothing to wait
# for: there a thread in mid-write would only wait for the others to leave it the
# interpreter, with the database locked (p99 200 ms with four, 80 ms with one).
on_sqlite = os.environ.get("DATABASE_URL", "sqlite:").startswith("sqlite")
threads = 1 if on_sqlite else 4
timeout = 30
graceful_timeout = 20
keepalive = 5
