"""The counters and histograms of a process; several of a machine share a folder.

Labels come from fixed sets: names of routes, kinds, and outcomes, never a person's.

Source: https://prometheus.io/docs/practices/naming/ and
https://prometheus.github.io/client_python/multiprocess/.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

#: Where the processes of a machine write what they count; the client's own variable.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
REGISTRY = CollectorRegistry()
# As where several processes count.
disable_created_metrics()  # type: ignore[no-untyped-call]
NO_ENDPOINT = "none"  # a path that leads nowhere

REQUESTS = Counter(
    "moderation_http_requests_total",
    "Requests answered, by route and class of status",
    ["endpoint", "status"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "moderation_http_request_duration_seconds",
    "Time from a complete request to the answer's first byte, by route",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
SHED_REQUESTS = Counter(
    "moderation_http_shed_total",
    "Requests answered 503 because too many waited, by who sends them",
    ["lane"],
    registry=REGISTRY,
)
SCORING_SECONDS = Histogram(
    "moderation_scoring_duration_seconds",
    "Time to score the texts of a request, or a worker's batch",
    ["texts"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5),
    registry=REGISTRY,
)
SCORED_TEXTS = Counter(
    "moderation_scored_texts_total",
    "Texts that a model scored, or failed on",
    ["result"],
    registry=REGISTRY,
)
VERDICTS = Counter(
    "moderation_verdicts_total",
    "Decisions about comments, by source and verdict",
    ["source", "verdict"],
    registry=REGISTRY,
)
HEALED_COMMENTS = Counter(
    "moderation_healed_comments_total",
    "Comments that a fault had held, and that were decided after it",
    ["site"],
    registry=REGISTRY,
)
JOB_ATTEMPTS = Counter(
    "moderation_job_attempts_total",
    "Attempts at jobs, by kind and result",
    ["kind", "result"],
    registry=REGISTRY,
)
DELIVERY_ATTEMPTS = Counter(
    "moderation_delivery_attempts_total",
    "Requests with events to webhooks, by result",
    ["result"],
    registry=REGISTRY,
)
WORKER_FAULTS = Counter(
    "moderation_worker_faults_total",
    "Steps of a worker's loops that failed, and are tried again",
    ["loop"],
    registry=REGISTRY,
)


def share_counts() -> None:
    """Let this process and its children count into `FOLDER_VARIABLE`'s folder.

    The client reads the variable when it is imported; a server sets it later. All
    metrics have labels, so that none has a value before the first count.
    """
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def write_metrics() -> bytes:
    """Return all counts in Prometheus's text format, those of all processes."""
    if os.environ.get(FOLDER_VARIABLE):
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)
    return generate_latest(REGISTRY)
