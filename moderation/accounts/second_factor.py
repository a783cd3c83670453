"""Two-factor authentication: time-based codes and recovery codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, SecondFactorNeeded, Unauthenticated
from moderation.keyed_hashes import HashKeys
from moderation.privacy import Privacy
from moderation.tables.accounts import RecoveryCode, SecondFactor

STEP_SECONDS = 30  # RFC 6238; what every authenticator app expects
SKEW_STEPS = 1  # a clock may be half a minute off; RFC 6238 section 5.2
CODE_DIGITS = 6
RECOVERY_CODES = 10
# Letters and digits that no one takes for another one: ten of them are 49 bits.
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_HALF = 5  # characters before and after the hyphen
ISSUER = "Comment desk"
WRONG = "The code is wrong, or was used before."


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """Data for an authenticator app, before it is confirmed."""

    secret: str  #: base32, to type
    address: str  #: `otpauth://…`, for the QR code


def create_factor(
    session: Session, staff_id: int, login: str, privacy: Privacy, now: datetime
) -> Enrolment:
    """Create a person's secret, to be confirmed by a code.

    Raises
    ------
    Conflict
        If a second factor counts already.
    """
    factor = session.get(SecondFactor, staff_id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("A second factor is switched on already.")
    secret = pyotp.random_base32()
    session.merge(
        SecondFactor(
            staff_id=staff_id,
            sealed_secret=privacy.seal_factor(secret, staff_id),
            created_at=now,
            last_step=0,
        )
    )
    record(session, AuditAction.FACTOR_STARTED, target=(TargetKind.STAFF, staff_id))
    return _enrolment(secret, login)


def find_pending(
    session: Session, staff_id: int, login: str, privacy: Privacy
) -> Enrolment | None:
    """Return the unconfirmed secret, if there is one."""
    factor = session.get(SecondFactor, staff_id)
    if factor is None or factor.confirmed_at is not None:
        return None
    return _enrolment(privacy.open_factor(factor.sealed_secret, staff_id), login)


def confirm_factor(
    session: Session,
    staff_id: int,
    code: str,
    *,
    privacy: Privacy,
    hash_keys: HashKeys,
    now: datetime,
) -> list[str]:
    """Confirm a new secret by a code.

    Returns
    -------
    The recovery codes, which are shown this once.

    Raises
    ------
    Unauthenticated
        If the code is wrong, or there is nothing to confirm.
    """
    if not _take_step(session, staff_id, code, privacy, now, is_confirmed=False):
        raise Unauthenticated(WRONG)
    session.execute(
        sa.update(SecondFactor)
        .where(SecondFactor.staff_id == staff_id)
        .values(confirmed_at=now)
    )
    record(session, AuditAction.FACTOR_CONFIRMED, target=(TargetKind.STAFF, staff_id))
    return renew_recovery_codes(session, staff_id, hash_keys)


def renew_recovery_codes(
    session: Session, staff_id: int, hash_keys: HashKeys
) -> list[str]:
    """Replace the recovery codes and return them."""
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(
        RecoveryCode(staff_id=staff_id, code_hash=hash_keys.hash(_text(staff_id, code)))
        for code in codes
    )
    record(session, AuditAction.CODES_RENEWED, target=(TargetKind.STAFF, staff_id))
    return codes


def verify_code(
    session: Session,
    staff_id: int,
    code: str | None,
    *,
    privacy: Privacy,
    hash_keys: HashKeys,
    now: datetime,
) -> None:
    """Check a person's code, if two-factor authentication is on.

    A code passes once: the guarded UPDATE that notes it is the check, on every
    machine.

    Raises
    ------
    SecondFactorNeeded
        If one is switched on and no code was given.
    Unauthenticated
        If the code is wrong, too old, or was used before.
    """
    if not is_on(session, staff_id):
        return
    if not code:
        raise SecondFactorNeeded
    plain = "".join(code.split()).replace("-", "").lower()
    if plain.isascii() and plain.isdigit() and len(plain) == CODE_DIGITS:
        passes = _take_step(session, staff_id, plain, privacy, now, is_confirmed=True)
    else:
        passes = _take_recovery(session, staff_id, plain, hash_keys, now)
    if not passes:
        raise Unauthenticated(WRONG)


def is_on(session: Session, staff_id: int) -> bool:
    """Return whether a person has two-factor authentication."""
    factor = session.get(SecondFactor, staff_id)
    return factor is not None and factor.confirmed_at is not None


def delete_factor(session: Session, staff_id: int) -> None:
    """Remove a person's second factor and recovery codes."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.execute(sa.delete(SecondFactor).where(SecondFactor.staff_id == staff_id))
    record(session, AuditAction.FACTOR_REMOVED, target=(TargetKind.STAFF, staff_id))


def count_recovery_codes(session: Session, staff_id: int) -> int:
    """Return how many recovery codes are left."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def _take_step(
    session: Session,
    staff_id: int,
    code: str,
    privacy: Privacy,
    now: datetime,
    *,
    is_confirmed: bool,
) -> bool:
    factor = session.get(SecondFactor, staff_id)
    if factor is None or (factor.confirmed_at is not None) is not is_confirmed:
        return False
    secret = privacy.open_factor(factor.sealed_secret, staff_id)
    step = _step_of(pyotp.TOTP(secret, interval=STEP_SECONDS), code, now)
    if step is None:
        return False
    updated_id = session.scalar(
        sa.update(SecondFactor)
        .where(SecondFactor.staff_id == staff_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.staff_id)
    )
    return updated_id is not None


def _step_of(totp: pyotp.TOTP, code: str, now: datetime) -> int | None:
    """Return the time step of a code, within the allowed skew."""
    present = totp.timecode(now)
    for step in range(present - SKEW_STEPS, present + SKEW_STEPS + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _take_recovery(
    session: Session, staff_id: int, plain: str, hash_keys: HashKeys, now: datetime
) -> bool:
    updated_id = session.scalar(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash.in_(hash_keys.list_hashes(_text(staff_id, plain))),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    if updated_id is None:
        return False
    target = (TargetKind.STAFF, staff_id)
    record(session, AuditAction.RECOVERY_CODE_USED, target=target)
    return True


def _enrolment(secret: str, login: str) -> Enrolment:
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    address = totp.provisioning_uri(name=login, issuer_name=ISSUER)
    return Enrolment(secret=secret, address=address)


def _recovery_code() -> str:
    letters = [secrets.choice(RECOVERY_ALPHABET) for _ in range(2 * RECOVERY_HALF)]
    return "".join(letters[:RECOVERY_HALF]) + "-" + "".join(letters[RECOVERY_HALF:])


def _text(staff_id: int, code: str) -> str:
    plain = code.replace("-", "")
    return f"recovery:{staff_id}:{plain}"
