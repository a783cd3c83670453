"""How gunicorn serves; every value can be overridden on its command line."""

from __future__ import annotations

import multiprocessing

bind = "127.0.0.1:8000"
preload_app = True  # the model is mapped once, shared by all workers
control_socket_disable = True
workers = max(2, multiprocessing.cpu_count())
worker_class = "moderation.server.worker.BufferingWorker"
# While one thread waits for the database, another one scores. Health checks have a
# thread of their own. See docs/decisions/0004-slow-clients.md.
threads = 4
timeout = 30
graceful_timeout = 20
keepalive = 5
# Keys are in the query or path of some requests: not in an access or error log.
logger_class = "moderation.web.access_log.KeylessLogger"
