"""Sends the head of the audit log where admins can't change it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from moderation.audit.chain import derive_head_secret
from moderation.audit.heads import append_head, write_event
from moderation.audit.verification import AuditHeadValue, read_head
from moderation.config import Settings
from moderation.database import Sessions
from moderation.webhooks.sender import post_signed

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class HeadPublisher:
    """Publishes the head when it has moved since this process did so last.

    The published head is kept in memory, not in the database: an intruder who can write
    there must not be able to stop it. A new or second process publishes it again.
    """

    sessions: Sessions
    file: Path | None
    url: str
    #: sign what is sent, see `chain.derive_head_secret`; the first one is in use
    secrets: Sequence[str]
    networks: Sequence[str]  #: private ones that may be reached
    _published: dict[str, AuditHeadValue] = field(default_factory=dict)

    def publish(self, now: datetime | None = None) -> None:
        """Publish the head, wherever it isn't yet; a failure is tried again."""
        if self.file is None and not self.url:
            return
        with self.sessions() as session:
            head = read_head(session)
        if head.sequence == 0:
            return
        moment = now or datetime.now(UTC)
        if self.file is not None and self._is_new("file", head):
            self._append(self.file, head, moment)
        if self.url and self._is_new("url", head):
            self._post(head, moment)

    def _is_new(self, place: str, head: AuditHeadValue) -> bool:
        last = self._published.get(place)
        if last is not None and head.sequence < last.sequence:
            logger.error(
                "the audit log ends at entry %s, but had entry %s: it was truncated",
                head.sequence,
                last.sequence,
            )
        return last != head

    def _append(self, path: Path, head: AuditHeadValue, now: datetime) -> None:
        try:
            append_head(path, head, now)
        except OSError as error:
            logger.error("the audit head isn't in its file: %s", error.strerror)
        else:
            self._published["file"] = head

    def _post(self, head: AuditHeadValue, now: datetime) -> None:
        result = post_signed(
            self.url,
            self.networks,
            event_id=f"audit_{head.sequence}",
            secrets=self.secrets,
            body=write_event(head, now),
            at=now,
        )
        if result.fault is None:
            self._published["url"] = head
        else:
            logger.error("the audit head wasn't taken: %s", result.fault)


def publisher_of(settings: Settings, sessions: Sessions) -> HeadPublisher:
    """Return the publisher that the settings describe."""
    file = settings.audit_head_file
    accepted = (settings.secret_key, *settings.secret_keys_accepted)
    return HeadPublisher(
        sessions=sessions,
        file=Path(file) if file else None,
        url=settings.audit_head_url,
        secrets=[derive_head_secret(secret) for secret in accepted],
        networks=settings.callback_networks,
    )
