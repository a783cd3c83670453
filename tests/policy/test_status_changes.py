"""The table of status changes, whole."""

from __future__ import annotations

import pytest

from moderation.policy.status_changes import StatusChangeRefused, status_after
from moderation.policy.verdicts import Source, Status, Verdict
from tests.policy.builders import (
    AKISMET,
    APPROVE,
    APPROVED,
    AUTHOR,
    CAMPAIGN,
    IMPORT,
    PENDING,
    PERSON,
    POLICY,
    READERS,
    REJECT,
    REJECTED,
    REVIEW,
    RULE,
)

# Every status before, every source, every verdict; None: refused. Written out on
# purpose: a table computed as the code computes it would prove nothing.
STATUS_CHANGES: list[tuple[Status | None, Source, Verdict, Status | None]] = [
    (None, POLICY, APPROVE, APPROVED),
    (None, POLICY, REVIEW, PENDING),
    (None, POLICY, REJECT, REJECTED),
    (None, PERSON, APPROVE, None),
    (None, PERSON, REVIEW, None),
    (None, PERSON, REJECT, None),
    (PENDING, POLICY, APPROVE, APPROVED),
    (PENDING, POLICY, REVIEW, PENDING),
    (PENDING, POLICY, REJECT, REJECTED),
    (PENDING, PERSON, APPROVE, APPROVED),
    (PENDING, PERSON, REVIEW, None),
    (PENDING, PERSON, REJECT, REJECTED),
    (APPROVED, POLICY, APPROVE, APPROVED),
    (APPROVED, POLICY, REVIEW, PENDING),
    (APPROVED, POLICY, REJECT, REJECTED),
    (APPROVED, PERSON, APPROVE, APPROVED),
    (APPROVED, PERSON, REVIEW, PENDING),
    (APPROVED, PERSON, REJECT, REJECTED),
    (REJECTED, POLICY, APPROVE, APPROVED),
    (REJECTED, POLICY, REVIEW, PENDING),
    (REJECTED, POLICY, REJECT, REJECTED),
    (REJECTED, PERSON, APPROVE, APPROVED),
    (REJECTED, PERSON, REVIEW, PENDING),
    (REJECTED, PERSON, REJECT, REJECTED),
    *(
        (before, RULE, verdict, after)
        for before in (None, *Status)
        for verdict, after in [
            (APPROVE, APPROVED),
            (REVIEW, PENDING),
            (REJECT, REJECTED),
        ]
    ),
    (None, IMPORT, APPROVE, APPROVED),
    (None, IMPORT, REVIEW, PENDING),
    (None, IMPORT, REJECT, REJECTED),
    *((before, IMPORT, verdict, None) for before in Status for verdict in Verdict),
    (None, AKISMET, APPROVE, None),
    (None, AKISMET, REVIEW, None),
    (None, AKISMET, REJECT, None),
    *(
        (before, AKISMET, verdict, after)
        for before in Status
        for verdict, after in [(APPROVE, APPROVED), (REVIEW, None), (REJECT, REJECTED)]
    ),
    *(
        (before, source, verdict, None)
        for before in (None, PENDING)
        for source in (READERS, AUTHOR)
        for verdict in Verdict
    ),
    (APPROVED, READERS, APPROVE, None),
    (APPROVED, READERS, REVIEW, PENDING),
    (APPROVED, READERS, REJECT, None),
    (REJECTED, READERS, APPROVE, None),
    (REJECTED, READERS, REVIEW, None),
    (REJECTED, READERS, REJECT, None),
    (APPROVED, AUTHOR, APPROVE, None),
    (APPROVED, AUTHOR, REVIEW, None),
    (APPROVED, AUTHOR, REJECT, None),
    (REJECTED, AUTHOR, APPROVE, None),
    (REJECTED, AUTHOR, REVIEW, PENDING),
    (REJECTED, AUTHOR, REJECT, None),
    *(
        (before, CAMPAIGN, verdict, after)
        for before in (None, *Status)
        for verdict, after in [(APPROVE, APPROVED), (REVIEW, None), (REJECT, REJECTED)]
    ),
]


def test_the_table_names_every_status_change_once() -> None:
    every = {
        (before, source, verdict)
        for before in (None, *Status)
        for source in Source
        for verdict in Verdict
    }
    named = [change[:3] for change in STATUS_CHANGES]
    assert len(named) == len(every)
    assert set(named) == every


@pytest.mark.parametrize(("before", "source", "verdict", "after"), STATUS_CHANGES)
def test_a_status_change_leads_where_the_table_says(
    before: Status | None, source: Source, verdict: Verdict, after: Status | None
) -> None:
    if after is None:
        with pytest.raises(StatusChangeRefused):
            status_after(before, source, verdict)
    else:
        assert status_after(before, source, verdict) is after
