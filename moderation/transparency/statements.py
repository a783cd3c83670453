"""Statements for the European transparency database, one for each measure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.provenance import Ground
from moderation.tables.accounts import Membership, Staff
from moderation.transparency.limits import BATCH_SIZE, COUNTRIES, find_faults
from moderation.transparency.measures import (
    Measure,
    MeasureAutomation,
    MeasureOrigin,
    MeasureRestriction,
    read_measures,
)
from moderation.transparency.period import ReportPeriod
from moderation.transparency.personal_data import PersonalData, find_personal_data
from moderation.transparency.templates import OTHER

SOURCES = {
    MeasureOrigin.OWN_INITIATIVE: "SOURCE_VOLUNTARY",
    MeasureOrigin.REPORT: "SOURCE_TYPE_OTHER_NOTIFICATION",
    MeasureOrigin.NOTICE: "SOURCE_ARTICLE_16",
    MeasureOrigin.TRUSTED_FLAGGER: "SOURCE_TRUSTED_FLAGGER",
}
AUTOMATED = {
    MeasureAutomation.FULLY: "AUTOMATED_DECISION_FULLY",
    MeasureAutomation.PARTIALLY: "AUTOMATED_DECISION_PARTIALLY",
    MeasureAutomation.NOT: "AUTOMATED_DECISION_NOT_AUTOMATED",
}
DECISIONS: Mapping[MeasureRestriction, tuple[str, Any]] = {
    MeasureRestriction.DISABLED: (
        "decision_visibility",
        ["DECISION_VISIBILITY_CONTENT_DISABLED"],
    ),
    MeasureRestriction.REMOVED: (
        "decision_visibility",
        ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    ),
    MeasureRestriction.SUSPENDED: (
        "decision_provision",
        "DECISION_PROVISION_PARTIAL_SUSPENSION",
    ),
    MeasureRestriction.TERMINATED: (
        "decision_provision",
        "DECISION_PROVISION_PARTIAL_TERMINATION",
    ),
}
#: The clause of each reason. Standard wording: nothing that a person wrote.
CLAUSES = {
    "threat": "No threats",
    "identity_attack": "No attacks on people for what they are",
    "sexually_explicit": "No sexually explicit language",
    "personal_data": "No personal data of others",
    "insult": "No insults",
    "severe_toxicity": "No hostile language",
    "toxicity": "No hostile language",
    "profanity": "No obscene language",
    "spam": "No advertising",
    "bot": "No comments sent by programs",
    "duplicate": "No comment twice",
    "campaign": "No near-duplicates in numbers",
    "off_topic": "Comments are about the article",
    "rule": "A rule of the site on words, patterns, links, or authors",
    "evasion": "No evasion of a suspension",
}
OTHER_CLAUSE = "Another house rule"


class LeftOut(StrEnum):
    """Why there is no statement of a measure in the file."""

    FLOOD = "flood"  #: deceptive advertising in numbers needs none (Article 17(2))
    ORDER = "order"  #: measures after orders have none (Article 17(5))
    LEGAL_GROUND = "legal_ground"  #: illegal, but no provision of law was recorded
    PERSONAL_DATA = "personal_data"  #: a text holds some
    LIMITS = "limits"  #: the database would refuse it


#: These need a person to look; the others are as they should be.
REFUSED = frozenset({LeftOut.PERSONAL_DATA, LeftOut.LIMITS})


@dataclass(frozen=True, kw_only=True)
class StatementWords:
    """Free text in a stored statement of reasons; None: standard wording."""

    facts: str | None = None
    ground: str | None = None  #: the clause, or the provision of law
    explanation: str | None = None


@dataclass(frozen=True, kw_only=True)
class StatementFault:
    """A statement that isn't sent, without the text for which it isn't."""

    reference: str  #: of the measure
    fields: Sequence[str]
    kinds: Sequence[PersonalData]  #: empty: the database would refuse it


@dataclass(kw_only=True)
class StatementFile:
    """Statements to send, and what was left out."""

    statements: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    faults: list[StatementFault] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield JSON lines: the body of one call each, of up to 100 statements."""
        for start in range(0, len(self.statements), BATCH_SIZE):
            batch = self.statements[start : start + BATCH_SIZE]
            yield json.dumps({"statements": batch}, ensure_ascii=False) + "\n"


def collect_statements(
    session: Session, site_id: int, period: ReportPeriod
) -> StatementFile:
    """Return the statements of a site's measures of a period.

    The period has to be over for so long that nothing of it can be undone any more:
    a statement can't be withdrawn.
    """
    names = session.scalars(
        sa.select(Staff.login)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.site_id == site_id)
    ).all()
    return check_statements(read_measures(session, site_id, period), names)


def check_statements(
    measures: Iterable[Measure],
    names: Collection[str] = (),
    words: Mapping[str, StatementWords] | None = None,
) -> StatementFile:
    """Return the statements of measures that may leave.

    Parameters
    ----------
    names
        Of people whom no text may name; a comment's author is one anyway.
    words
        The reference of a measure to what was written about it.
    """
    file = StatementFile()
    for measure in measures:
        stored = StatementWords(
            ground=measure.legal_ground, explanation=measure.explanation
        )
        written = (words or {}).get(measure.reference, stored)
        reason = _left_out(measure, written)
        if reason is None:
            statement = make_statement(measure, written)
            fault = _fault(statement, written, [*names, measure.author_name])
            if fault is None:
                file.statements.append(statement)
                continue
            file.faults.append(fault)
            reason = LeftOut.PERSONAL_DATA if fault.kinds else LeftOut.LIMITS
        file.left_out[reason] += 1
    return file


def _left_out(measure: Measure, written: StatementWords) -> LeftOut | None:
    if measure.origin is MeasureOrigin.ORDER:
        return LeftOut.ORDER
    if measure.is_flood:
        return LeftOut.FLOOD
    is_illegal = measure.classification.ground is Ground.ILLEGAL
    return LeftOut.LEGAL_GROUND if is_illegal and not written.ground else None


def make_statement(measure: Measure, written: StatementWords) -> dict[str, Any]:
    """Return the statement of a measure, not yet checked.

    Empty fields are left out, and so is what would name a notifier.
    """
    found = measure.classification
    decision, value = DECISIONS[measure.restriction]
    language = (measure.language or "").upper()
    is_other = found.keyword == OTHER
    end = measure.until.date().isoformat() if measure.until else None
    statement = {
        decision: value,
        **_ground(measure, written),
        "category": found.category,
        "category_specification": [found.keyword] if found.keyword else None,
        "category_specification_other": found.other if is_other else None,
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_language": language if len(language) == 2 else None,
        "content_date": measure.content_at.date().isoformat(),
        "application_date": measure.at.date().isoformat(),
        "end_date_service_restriction": end,
        "territorial_scope": list(COUNTRIES),
        "decision_facts": written.facts or _facts(measure),
        "source_type": SOURCES[measure.origin],
        "automated_detection": "Yes" if measure.is_detected_automatically else "No",
        "automated_decision": AUTOMATED[measure.automation],
        "puid": measure.reference,
    }
    return {name: value for name, value in statement.items() if value is not None}


def _ground(measure: Measure, written: StatementWords) -> dict[str, Any]:
    found = measure.classification
    if found.ground is Ground.ILLEGAL:
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": written.ground,
            "illegal_content_explanation": written.explanation
            or "A moderator found that the content breaks this provision.",
        }
    clause = written.ground or CLAUSES.get(found.code, OTHER_CLAUSE)
    by = (
        "Automation, as the site set it,"
        if measure.automation is MeasureAutomation.FULLY
        else "A moderator"
    )
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": clause,
        "incompatible_content_explanation": written.explanation
        or f"{by} found that the content breaks this house rule.",
    }


def _facts(measure: Measure) -> str:
    """Return what happened, in standard wording."""
    if measure.restriction in (
        MeasureRestriction.SUSPENDED,
        MeasureRestriction.TERMINATED,
    ):
        end = "for some time" if measure.until else "any more"
        return (
            "A moderator decided, for the author's earlier comments, that the author "
            f"can't comment {end}."
        )
    if measure.origin is MeasureOrigin.REPORT:
        found = "A reader reported the comment"
    elif measure.origin in (MeasureOrigin.NOTICE, MeasureOrigin.TRUSTED_FLAGGER):
        found = "A notice pointed at the comment"
    elif measure.is_detected_automatically:
        found = "Automation pointed at the comment"
    else:
        found = "A moderator read the comment"
    by = (
        "automation" if measure.automation is MeasureAutomation.FULLY else "a moderator"
    )
    before = (
        "It was published before."
        if measure.was_shown_for is not None
        else "It was not published before."
    )
    return f"{found}, and {by} rejected it. It isn't shown to readers. {before}"


def _fault(
    statement: Mapping[str, Any], written: StatementWords, names: Collection[str]
) -> StatementFault | None:
    """Return why a statement may not leave; None: it may.

    All texts are searched for addresses and numbers; names are looked for only in what
    people wrote, as an author may be called like a word of the standard wording.
    """
    kinds: dict[str, set[PersonalData]] = {}
    texts = {value for value in vars(written).values() if value}
    for name, value in statement.items():
        if not isinstance(value, str) or name.endswith("_date") or name == "puid":
            continue
        if name.startswith("end_date"):
            continue
        found = find_personal_data(value, names if value in texts else ())
        if found:
            kinds[name] = set(found)
    if kinds:
        every = sorted({kind for found in kinds.values() for kind in found})
        return StatementFault(
            reference=str(statement["puid"]), fields=sorted(kinds), kinds=every
        )
    faults = find_faults(statement)
    if not faults:
        return None
    return StatementFault(reference=str(statement["puid"]), fields=faults, kinds=[])
