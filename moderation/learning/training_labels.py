"""The training labels of a comment, from its decisions and corrections."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.learning.provenance import Provenance
from moderation.policy.verdicts import Source, Verdict


def get_labels(
    verdict: Verdict,
    reasons: Collection[str],
    explicit: Mapping[str, bool],
    known_labels: Collection[str],
) -> dict[str, bool]:
    """Return the training labels of one decision.

    A label that the person has set counts as set. Beyond that, an approval means
    that no known label holds, and a rejection that those hold which are its reasons:
    of the others it says nothing, and a rule of the house is no harm.

    >>> get_labels(Verdict.REJECT, ["off_topic", "spam"], {}, ["spam", "insult"])
    {'spam': True}
    """
    if verdict is Verdict.REVIEW:
        return {}  # sent back: no one has made up their mind
    if verdict is Verdict.APPROVE:
        taught = dict.fromkeys(known_labels, False)
    else:
        taught = {label: True for label in known_labels if label in reasons}
    return {
        **taught,
        **{name: held for name, held in explicit.items() if name in known_labels},
    }


@dataclass(frozen=True, kw_only=True)
class LoggedDecision:
    """A decision from a comment's log."""

    source: str
    verdict: Verdict
    codes: frozenset[str]  #: of its reasons
    labels: Mapping[str, bool]
    at: datetime
    login: str | None = None
    batch_id: int | None = None
    second: Verdict | None = None  #: of a person who didn't know of this decision
    second_by: str | None = None  #: who that was
    served_in: str | None = None  #: the order of the queue that brought it
    #: of an import's: label to whether it holds, {} if none does; None: nothing
    imported: Mapping[str, bool] | None = None
    is_by_moderator: bool = False  #: of an import's: a moderator decided there


def judge(
    log: Sequence[LoggedDecision], known_labels: Collection[str]
) -> tuple[LoggedDecision, Provenance, dict[str, bool]] | None:
    """Return the decision to train on, its provenance, and its labels.

    Parameters
    ----------
    log
        The lasting decisions, the oldest first. The last one counts, unless a second
        person has answered differently and no one has decided between the two.

    Returns
    -------
    None if nothing is to be learned.
    """
    if not log:
        return None
    last = log[-1]
    taught = _taught(last, known_labels)
    if not taught or last.second not in (None, last.verdict):
        return None
    return last, _provenance(log), taught


def _provenance(log: Sequence[LoggedDecision]) -> Provenance:
    *earlier, last = log
    if last.source == Source.IMPORT.value:
        is_known = last.is_by_moderator
        return Provenance.IMPORTED if is_known else Provenance.INFERRED
    if last.source != Source.PERSON.value:
        return Provenance.SITE
    if last.batch_id is not None:
        return Provenance.BULK
    was_appealed = any(decision.source == Source.AUTHOR.value for decision in earlier)
    if was_appealed and last.verdict is Verdict.APPROVE:
        return Provenance.APPEAL
    agrees = any(
        decision.source == Source.PERSON.value
        and decision.batch_id is None
        and decision.login != last.login
        and decision.verdict is last.verdict
        for decision in earlier
    ) or any(
        decision.second is last.verdict and decision.second_by != last.login
        for decision in earlier
    )
    is_checked = agrees or last.second is last.verdict
    return Provenance.CHECKED if is_checked else Provenance.SINGLE


@dataclass(frozen=True, kw_only=True)
class LabelCorrection:
    """Training labels that a moderator set apart from a decision."""

    labels: Mapping[str, bool]
    at: datetime
    login: str


def merge_corrections(
    taught: Mapping[str, bool],
    decided_at: datetime,
    words: Sequence[LabelCorrection],
    known_labels: Collection[str],
) -> dict[str, bool]:
    """Return each label's newest value, from the decision or a correction."""
    earlier: dict[str, bool] = {}
    later: dict[str, bool] = {}
    for word in words:
        (earlier if word.at < decided_at else later).update(word.labels)
    newest = {**earlier, **taught, **later}
    return {label: held for label, held in newest.items() if label in known_labels}


def _taught(decision: LoggedDecision, known_labels: Collection[str]) -> dict[str, bool]:
    if decision.source == Source.IMPORT.value:
        if decision.imported is None:
            return {}
        if not decision.imported:
            return dict.fromkeys(known_labels, False)
        return {
            label: held
            for label, held in decision.imported.items()
            if label in known_labels
        }
    if decision.source == Source.AKISMET.value:  # it tells spam from ham, nothing else
        return {
            label: held
            for label, held in decision.labels.items()
            if label in known_labels
        }
    return get_labels(decision.verdict, decision.codes, decision.labels, known_labels)
