"""Slow down guessing of passwords and codes without locking anybody else out.

Only failures count: of a username from a network, of a network, and of a username from
anywhere. A known device is asked for nothing but the right password and code; it has a
counter of its own, to which no one else can add. A username that no one has is counted
like any other one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts import failed_attempts, known_devices
from moderation.accounts.failed_attempts import FailureCounter, Tolerance, Turn
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.keyed_hashes import HashKeys
from moderation.tables.accounts import Staff

logger = logging.getLogger(__name__)

#: The longest delay of a network, and of a username from a network.
MAX_DELAY = timedelta(minutes=15)
#: Of codes, however many passwords are free: of a million codes three are right, so
#: that forty wrong ones a day take more than twenty years on average.
MAX_FREE_CODES = 20
MAX_CODE_DELAY = timedelta(hours=1)
FORGET_AFTER = timedelta(hours=1)
FORGET_CODES_AFTER = timedelta(days=1)
PSEUDONYM_DIGITS = 16  # of 64 hexadecimal ones, in a log line


class Stage(StrEnum):
    """The stage of a log-in."""

    PASSWORD = "password"  # noqa: S105 - a word, no secret
    CODE = "code"  #: after the password was right


@dataclass(frozen=True, kw_only=True)
class LoginAttempt:
    """One password or code that someone sends."""

    stage: Stage
    login: str  #: as typed, which may be an address or a password: never stored
    network: str  #: pseudonym of where it comes from
    device_token: str  #: from the cookie; empty if there is none
    at: datetime
    free_count: int  #: failures before tries are delayed
    first_delay: timedelta
    hash_keys: HashKeys


@dataclass(frozen=True, kw_only=True)
class Admission:
    """The findings before a password or code is checked."""

    device_id: int | None  #: of a known device
    turns: Sequence[Turn] = ()  #: to be taken first


def find_admission(session: Session, attempt: LoginAttempt) -> Admission:
    """Return how an attempt may go on; a known device always may.

    Raises
    ------
    TooManyRequests
        If it must wait; that is the same for usernames that no one has.
    """
    device_id = known_devices.find_device(
        session, attempt.login, attempt.device_token, attempt.hash_keys, attempt.at
    )
    if device_id is not None:
        return Admission(device_id=device_id)
    counters = _counters(session, attempt)
    turns = failed_attempts.find_turns(session, counters, attempt.at)
    return Admission(device_id=None, turns=turns)


def take_turns(session: Session, admission: Admission, now: datetime) -> None:
    """Take the turns of an attempt before its password or code is looked at.

    Raises
    ------
    TooManyRequests
        If another attempt has taken one of them.
    """
    failed_attempts.take_turns(session, admission.turns, now)


def return_turns(session: Session, admission: Admission) -> None:
    """Return the turns of an attempt with the right password or code."""
    failed_attempts.return_turns(session, admission.turns)


def record_failed_login(
    session: Session, attempt: LoginAttempt, admission: Admission
) -> timedelta | None:
    """Count a wrong password or code, and write it into the log.

    Returns
    -------
    How long the next attempt waits; None if it needn't.
    """
    who = _name(session, attempt)
    where = attempt.network[:PSEUDONYM_DIGITS]
    if admission.device_id is not None:
        known_devices.record_device_failure(session, admission.device_id)
        logger.info(
            "failed log-in of %s: wrong %s, network %s, known device %s",
            who,
            attempt.stage,
            where,
            admission.device_id,
        )
        return None
    counters = _counters(session, attempt)
    delay = failed_attempts.record_failure(session, counters, attempt.at)
    logger.info("failed log-in of %s: wrong %s, network %s", who, attempt.stage, where)
    if delay:
        logger.warning(
            "lockout: log-ins of %s or from network %s wait up to %.0f s, except from "
            "known devices",
            who,
            where,
            delay.total_seconds(),
        )
    return delay or None


def record_in_audit_log(
    session: Session, attempt: LoginAttempt, delay: timedelta | None
) -> None:
    """Record a failed log-in: whose it would have been, not what was typed."""
    staff_id = session.scalar(sa.select(Staff.id).where(Staff.login == attempt.login))
    target = None if staff_id is None else (TargetKind.STAFF, staff_id)
    stage = attempt.stage.value
    record(session, AuditAction.LOGIN_FAILED, target=target, wrong=stage)
    if delay is not None:
        seconds = round(delay.total_seconds())
        record(session, AuditAction.LOCKED_OUT, target=target, wait_seconds=seconds)


def record_login(
    session: Session, attempt: LoginAttempt, staff: Staff
) -> tuple[str, datetime]:
    """Forget a person's failures from this network, and make the device known.

    Returns
    -------
    The device's token and when it expires.
    """
    for stage in Stage:
        counters = _counters(session, replace(attempt, stage=stage))
        failed_attempts.forget(session, counters[:1])
    logger.info(
        "log-in of person %s, network %s", staff.id, attempt.network[:PSEUDONYM_DIGITS]
    )
    return known_devices.create_device(
        session, staff, attempt.device_token, attempt.hash_keys, attempt.at
    )


def delete_expired(session: Session, now: datetime) -> None:
    """Delete failures that are forgotten, and devices that no one uses any more."""
    failed_attempts.delete_expired(session, now)
    known_devices.delete_expired(session, now)


def _counters(session: Session, attempt: LoginAttempt) -> list[FailureCounter]:
    """Return the counters of an attempt; that of its username and network is first.

    The username's counter from anywhere has no growing delay for passwords, so that
    someone who knows nothing but a name can't keep a new device out for long.
    """
    first, who = attempt.first_delay, attempt.login
    growing = Tolerance(
        free_count=attempt.free_count,
        first_delay=first,
        max_delay=max(first, MAX_DELAY),
        forget_after=max(first, FORGET_AFTER),
    )
    by_network = by_name = growing
    if attempt.stage is Stage.PASSWORD:
        by_name = replace(growing, max_delay=first)
    else:
        by_network = by_name = Tolerance(
            free_count=min(attempt.free_count, MAX_FREE_CODES),
            first_delay=first,
            max_delay=max(first, MAX_CODE_DELAY),
            forget_after=max(first, FORGET_CODES_AFTER),
        )
        # A new password ends what someone who knew the old one has caused.
        who += _credentials(session, attempt)
    named = (
        (f"{attempt.stage}:{len(who)}:{who}:{attempt.network}", by_network),
        (f"{attempt.stage}:{len(who)}:{who}", by_name),
        (f"network:{attempt.network}", growing),
    )
    return [
        FailureCounter(
            key_hash=attempt.hash_keys.hash(f"failures:{name}"),
            tolerance=tolerance,
        )
        for name, tolerance in named
    ]


def _credentials(session: Session, attempt: LoginAttempt) -> str:
    staff = session.scalars(sa.select(Staff).where(Staff.login == attempt.login)).one()
    hashes = known_devices.list_credentials_hashes(session, staff, attempt.hash_keys)
    return hashes[0]


def _name(session: Session, attempt: LoginAttempt) -> str:
    """Return a person's id, or a pseudonym of a username that no one has."""
    staff_id = session.scalar(sa.select(Staff.id).where(Staff.login == attempt.login))
    if staff_id is not None:
        return f"person {staff_id}"
    digest = attempt.hash_keys.hash(f"username:{attempt.login}")
    return f"unknown username {digest[-PSEUDONYM_DIGITS:]}"
