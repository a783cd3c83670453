"""Sheets 3 to 7 of the report: orders, notices, own initiative, and complaints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from moderation.objections.disputes import DisputeOutcome
from moderation.objections.misuse_counts import MisuseMatter
from moderation.policy.provenance import Ground
from moderation.transparency.complaints import (
    Complaint,
    ComplaintBasis,
    ComplaintResult,
)
from moderation.transparency.disputes import ReportedDispute
from moderation.transparency.measures import MeasureRestriction
from moderation.transparency.notices import ReceivedNotice
from moderation.transparency.rows import (
    Cell,
    Place,
    RowHead,
    category_rows,
    median_hours,
)
from moderation.transparency.tally import MeasureKind, MeasureTally
from moderation.transparency.templates import TOTAL, read_sheets

Rows = Iterator[list[Cell]]

#: The columns of sheets 5 and 6 that say what a measure did; None: not applicable, as
#: comments earn no money, and accounts are the site's own.
RESTRICTION_COLUMNS: Sequence[MeasureRestriction | int | None] = (
    MeasureRestriction.REMOVED,
    MeasureRestriction.DISABLED,
    *(0, 0, 0, 0, 0),  # demoted, by age, interaction, labeled, other: never done
    *(None, None, None),  # money
    MeasureRestriction.SUSPENDED,
    MeasureRestriction.TERMINATED,
    *(None, None),  # accounts
)
DETECTED_NOTE = (
    "Counted are measures about content that automation alone had pointed at, also "
    "where a moderator decided. Sheet 8 has those that automation also decided."
)
OWN_NOTE = (
    "A restriction of a comment counts once, whether or not it was overturned later. "
    "Comments of suspended authors count as the suspension, not each."
)
DISABLED_NOTE = "Comments that were never published, or are no longer shown."
SERVICE_NOTE = "Authors who could not comment: until a date, or for good."


def orders(head: RowHead) -> Rows:
    """Yield sheet 3. Orders aren't recorded here: the cells are for the site."""
    name = "3_member_states_orders"
    blank = [None] * (len(read_sheets()[name].header) - 6)
    empty: list[tuple[Place, None]] = []
    for code, other, *_ in category_rows(name, empty, lambda _: ()):
        yield [*head.cells(), code, other, TOTAL, *blank]


def notices(head: RowHead, received: Sequence[ReceivedNotice] | None) -> Rows:
    """Yield sheet 4; blank where notices aren't recorded."""
    is_recorded = received is not None

    def cells(found: Sequence[ReceivedNotice]) -> list[Cell]:
        return _notice_cells(found) if is_recorded else [None] * 10

    items = [
        ((each.category, each.keyword, each.other), each) for each in received or ()
    ]
    for row in category_rows("4_notices", items, cells):
        yield [*head.cells(), *row, *[None] * 10]


def _notice_cells(found: Sequence[ReceivedNotice]) -> list[Cell]:
    trusted = [each for each in found if each.is_trusted]
    cells: list[Cell] = [len(found), len(trusted)]
    cells += [sum(each.items for each in some) for some in (found, trusted)]
    cells += [
        median_hours(
            min(action.at for action in each.actions) - each.received_at
            for each in some
            if each.actions
        )
        for some in (found, trusted)
    ]
    for ground in (Ground.ILLEGAL, Ground.TERMS):
        cells += [
            sum(action.ground is ground for each in some for action in each.actions)
            for some in (found, trusted)
        ]
    return cells


def own_initiative(head: RowHead, counts: MeasureTally, ground: Ground) -> Rows:
    """Yield sheet 5 (illegal content) or 6 (the site's own rules)."""
    is_illegal = ground is Ground.ILLEGAL
    name = "5_own_initiative_illegal" if is_illegal else "6_own_initiative_TC"
    items = [
        (kind.place, (kind, number))
        for kind, number in counts.kinds.items()
        if kind.is_own and kind.ground is ground
    ]
    for row in category_rows(name, items, _measure_cells):
        notes: list[Cell] = [None] * (2 + len(RESTRICTION_COLUMNS))
        if row[0] == TOTAL:
            notes[:2] = [OWN_NOTE, DETECTED_NOTE]
            notes[3], notes[12] = DISABLED_NOTE, SERVICE_NOTE
        yield [*head.cells(), *row, *notes]


def _measure_cells(found: Sequence[tuple[MeasureKind, int]]) -> list[Cell]:
    done = Counter[MeasureRestriction]()
    for kind, number in found:
        done[kind.restriction] += number
    return [
        sum(number for _, number in found),
        sum(number for kind, number in found if kind.is_detected_automatically),
        *(
            done[column] if isinstance(column, MeasureRestriction) else column
            for column in RESTRICTION_COLUMNS
        ),
    ]


#: Of sheet 7: how the indicator's text begins to what the complaints are about; the
#: first fitting one counts.
BASES: Sequence[tuple[str, ComplaintBasis | None]] = (
    ("Number of complaints submitted", None),
    ("Complaint regarding a decision to remove", ComplaintBasis.VISIBILITY),
    (
        "Complaint regarding a decision to suspend or terminate the provision",
        ComplaintBasis.SERVICE,
    ),
)
NOTICE_BASES = (
    (
        "Complaint regarding a decision not to take action on a notice submitted in",
        ComplaintBasis.NO_ACTION,
    ),
    (
        "Complaint regarding a decision not to take action on a notice submitted by",
        ComplaintBasis.NO_ACTION_TRUSTED,
    ),
)
#: Of sheet 7: how the indicator of suspensions begins, and its endings.
SUSPENSIONS = "Number of suspensions enacted for the provision of manifestly "
SUSPENDED_FOR = {
    "illegal content": MisuseMatter.CONTENT,
    "unfounded notices": MisuseMatter.NOTICES,
    "unfounded complaints": MisuseMatter.COMPLAINTS,
}
#: Of sheet 7: how the indicator of disputes begins, and its scopes.
DISPUTES = "Number of disputes submitted to out-of-court"
IMPLEMENTED = "Percentage of outcomes implemented"
DISPUTE_OUTCOMES = {
    "Decisions upheld": DisputeOutcome.UPHELD,
    "Decisions partially reversed": DisputeOutcome.PARTIALLY_REVERSED,
    "Decisions reversed": DisputeOutcome.REVERSED,
    "Decision omitted": DisputeOutcome.OMITTED,
}
DAYS_NOTE = "Recorded by day: a day is 24 hours."
IMPLEMENTED_NOTE = (
    "Of the bodies' decisions. Decisions that uphold the restriction count as "
    "implemented."
)
NEW_RESTRICTIONS = "Number of restrictions newly imposed"
OUTCOMES = {
    "Decisions upheld": ComplaintResult.UPHELD,
    "Decisions partially reversed": ComplaintResult.PARTIALLY_REVERSED,
    "Decisions reversed": ComplaintResult.REVERSED,
    "Decision omitted": ComplaintResult.OMITTED,
}


def complaints(
    head: RowHead,
    filed: Sequence[Complaint],
    disputes: Sequence[ReportedDispute],
    suspensions: Mapping[MisuseMatter, int],
    *,
    has_notices: bool,
) -> Rows:
    """Yield sheet 7.

    It counts the complaints and disputes filed in the period, by their result at the
    time of the report.
    """
    bases = [*BASES, *(NOTICE_BASES if has_notices else ())]
    for applicability, _, _, section, indicator, scope, *_ in read_sheets()[
        "7_appeals_and_recidivism"
    ].rows:
        value: Cell = None
        note: Cell = None
        if indicator.startswith(NEW_RESTRICTIONS):
            value = sum(each.restrictions for each in filed)
        if indicator.startswith(DISPUTES):
            value, note = _dispute_cells(disputes, scope)
        if indicator.startswith(SUSPENSIONS):
            matter = SUSPENDED_FOR[indicator.removeprefix(SUSPENSIONS).strip()]
            value = suspensions.get(matter, 0)
        for beginning, basis in bases:
            if indicator.startswith(beginning):
                chosen = [each for each in filed if basis in (None, each.basis)]
                value, note = _complaint_cells(chosen, scope)
        cells = [applicability, *head.cells()[1:], section, indicator, scope]
        yield [*cells, value, note]


def _dispute_cells(filed: Sequence[ReportedDispute], scope: str) -> tuple[Cell, Cell]:
    if scope == "Median time":
        return median_hours(
            each.lasted for each in filed if each.lasted is not None
        ), DAYS_NOTE
    if scope in DISPUTE_OUTCOMES:
        return sum(each.outcome is DISPUTE_OUTCOMES[scope] for each in filed), None
    if scope == IMPLEMENTED:
        decided = [
            each.is_implemented
            for each in filed
            if each.outcome not in (None, DisputeOutcome.OMITTED)
        ]
        share = round(sum(decided) / len(decided), 4) if decided else None
        return share, IMPLEMENTED_NOTE
    still_open = sum(each.outcome is None for each in filed)
    note = f"{still_open} not yet decided when the report was made."
    return len(filed), note if still_open else None


def _complaint_cells(found: Sequence[Complaint], scope: str) -> tuple[Cell, Cell]:
    if scope == "Median time":
        return median_hours(
            each.decided_at - each.filed_at
            for each in found
            if each.decided_at is not None
        ), None
    if scope in OUTCOMES:
        return sum(each.outcome is OUTCOMES[scope] for each in found), None
    still_open = sum(each.outcome is ComplaintResult.OPEN for each in found)
    note = f"{still_open} not yet decided when the report was made."
    return len(found), note if still_open else None
