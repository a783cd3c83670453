"""A worker's loops next to its jobs: one table, one runner, one starter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from moderation.database import Sessions
from moderation.jobs import JobKind
from moderation.metrics.counters import WORKER_FAULTS
from moderation.monitoring import readiness
from moderation.notifications.kinds import NotificationChannel
from moderation.privacy import derive_key
from moderation.rekeying import sweeps
from moderation.subjects.receipts import ReceiptKeys, derive_receipt_key
from moderation.web.services import Services
from moderation.worker import (
    audit_heads,
    dispatch,
    erasures,
    figures,
    healer,
    maintenance,
    notices,
    notifier,
    retention,
)
from moderation.worker.history_importer import HistoryImporter
from moderation.worker.job_attempts import Work, run_job, take_next

logger = logging.getLogger(__name__)

MAX_FIRST_SECONDS = 3.0  # until the first step, however long the interval
MAX_RETRY_SECONDS = 60.0  # after a step that failed, the same
DAY_SECONDS = 86_400.0
AUDIT_HEAD_SECONDS = 60.0
DELIVERY_THREADS = 3  # a slow receiver occupies one of them
CHAT_THREADS = 2  # the same

#: Does some work. It is repeated without a pause while it returns True.
Step = Callable[[], object]


@dataclass(frozen=True)
class Loop:
    """A step and how often it is done, in one thread or several."""

    name: str  #: in the log
    interval_seconds: float
    step: Step
    threads: int = 1


def table(
    services: Services, sessions: Sessions, work: Mapping[JobKind, Work]
) -> tuple[Loop, ...]:
    """Return all that a worker repeats next to its jobs."""
    settings = services.settings
    grace = timedelta(seconds=settings.undo_seconds)
    key = derive_key(settings.secret_key, "looks")
    sender = dispatch.Sender(
        sessions=sessions,
        privacy=services.privacy,
        networks=settings.callback_networks,
        grace=grace,
    )
    notify = notifier.build(settings, sessions, services.privacy)
    publisher = audit_heads.publisher_of(settings, sessions)

    def now(step: Callable[[Sessions, datetime], object]) -> Step:
        return lambda: step(sessions, datetime.now(UTC))

    # Moderators watch the progress of these.
    decide = partial(run_next, sessions, work, JobKind.BULK)
    write = partial(run_next, sessions, work, JobKind.EXPORT)
    call_back = partial(dispatch.call_back_next, sender)
    deliver = partial(dispatch.deliver_next, sender)
    spacing = notify.spacing
    collect = now(lambda one, moment: notices.collect(one, moment, spacing))
    mail = partial(notifier.send_next, notify, NotificationChannel.EMAIL)
    chat = partial(notifier.send_next, notify, NotificationChannel.CHAT)
    score = partial(maintenance.score_in_shadow, sessions, services.scoring)
    assign = partial(maintenance.assign_authors, sessions, services.privacy)
    draw = partial(maintenance.draw_qa_samples, sessions, key=key, grace=grace)
    return (
        Loop("heartbeat", readiness.BEAT_SECONDS, now(maintenance.beat)),
        Loop("bulk decisions", 1.0, decide),
        Loop("exports", 1.0, write),
        *_import_loops(services, sessions, work),
        Loop("healing of outages", 5.0, healer.Healer(sessions, services.intake).heal),
        *_privacy_loops(services, sessions),
        Loop("Akismet callbacks", 3.0, call_back),
        Loop("event deliveries", 3.0, deliver, DELIVERY_THREADS),
        Loop("release of held events", 3.0, partial(dispatch.release, sender)),
        Loop("notices", 15.0, collect),
        Loop("notification emails", 5.0, mail),
        Loop("chat notifications", 5.0, chat, CHAT_THREADS),
        Loop("search index", 5.0, partial(maintenance.index_texts, sessions)),
        Loop("shadow scoring", 2.0, score),
        Loop("QA sampling", 10.0, draw),
        Loop("figures", 15.0, now(figures.count)),
        Loop("authors of old comments", 60.0, assign),
        Loop("end of standings", 30.0, now(maintenance.end_standings)),
        Loop("pruning of deliveries", 600.0, lambda: _prune(sender)),
        Loop("pruning of notifications", 3600.0, now(notices.prune)),
        Loop("forgetting of old texts", 600.0, now(maintenance.forget_texts)),
        Loop("forgetting of arrivals", 600.0, now(maintenance.forget_arrivals)),
        Loop("deletion of expired counters", 600.0, now(maintenance.forget_counters)),
        Loop("deletion of old figures", 3600.0, now(figures.forget)),
        Loop("deletion of exports", 600.0, now(maintenance.forget_exports)),
        Loop("audit head", AUDIT_HEAD_SECONDS, publisher.publish),
        Loop("drift detection", DAY_SECONDS, now(maintenance.watch_drift)),
    )


def _import_loops(
    services: Services, sessions: Sessions, work: Mapping[JobKind, Work]
) -> tuple[Loop, ...]:
    """Return what imports uploaded history, and deletes its files."""
    history = HistoryImporter(
        sessions=sessions, privacy=services.privacy, folder=services.uploads
    )
    return (
        Loop("imports", 1.0, partial(run_next, sessions, work, JobKind.IMPORT)),
        Loop("deletion of uploads", 10.0, history.delete_files),
    )


def _privacy_loops(services: Services, sessions: Sessions) -> tuple[Loop, ...]:
    """Return what erases persons and what is too old, and what replaces keys."""
    keys = ReceiptKeys(
        receipt=derive_receipt_key(services.settings.secret_key),
        lineage=services.lineage_key,
    )
    return (
        Loop("erasures", 5.0, partial(erasures.erase_next, sessions, keys)),
        Loop(
            "retention",
            600.0,
            lambda: retention.apply_next(sessions, datetime.now(UTC)),
        ),
        Loop(
            "replacement of keys",
            60.0,
            lambda: sweeps.run_step(sessions, services.keys, datetime.now(UTC)),
        ),
    )


def _prune(sender: dispatch.Sender) -> None:
    dispatch.prune(sender, datetime.now(UTC))


def run_next(sessions: Sessions, work: Mapping[JobKind, Work], kind: JobKind) -> bool:
    """Run the next job of a kind, while others train; tell if there was one."""
    task = take_next(sessions, kind)
    if task is None:
        return False
    run_job(sessions, work, task)
    return True


def start(loops: Iterable[Loop], stopped: threading.Event) -> None:
    """Run loops in threads that end with this process, or once the event is set."""
    for loop in loops:
        for _ in range(loop.threads):
            threading.Thread(
                target=run, args=(loop, stopped), name=loop.name, daemon=True
            ).start()


def run(loop: Loop, stopped: threading.Event) -> None:
    """Repeat a step until the event is set; a step that fails is tried again."""
    pause = min(loop.interval_seconds, MAX_FIRST_SECONDS)
    while not stopped.wait(pause):
        pause = loop.interval_seconds
        if not _step(loop, stopped):
            pause = min(pause, MAX_RETRY_SECONDS)


def _step(loop: Loop, stopped: threading.Event) -> bool:
    """Do what there is to do now; tell whether it went well."""
    try:
        while loop.step() is True and not stopped.is_set():
            pass
    except SQLAlchemyError as error:
        logger.error("%s: waits for the database: %s", loop.name, type(error).__name__)
        WORKER_FAULTS.labels(loop.name).inc()
        return False
    except Exception:  # a fault of one step must not end the thread
        logger.exception("%s: failed, and will be tried again", loop.name)
        WORKER_FAULTS.labels(loop.name).inc()
        return False
    return True
