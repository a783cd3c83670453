"""How gunicorn serves from a checkout: as an installed package does."""

from __future__ import annotations

from moderation.server.gunicorn_settings import (
    bind,
    child_exit,
    control_socket_disable,
    graceful_timeout,
    keepalive,
    logger_class,
    on_exit,
    on_starting,
    preload_app,
    threads,
    timeout,
    worker_class,
    workers,
)

__all__ = [
    "bind",
    "child_exit",
    "control_socket_disable",
    "graceful_timeout",
    "keepalive",
    "logger_class",
    "on_exit",
    "on_starting",
    "preload_app",
    "threads",
    "timeout",
    "worker_class",
    "workers",
]
