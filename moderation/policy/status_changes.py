"""The changes of status that each kind of decision may make."""

from __future__ import annotations

from moderation.policy.verdicts import AUTOMATIC, Source, Status, Verdict

STATUS_AFTER = {
    Verdict.APPROVE: Status.APPROVED,
    Verdict.REVIEW: Status.PENDING,
    Verdict.REJECT: Status.REJECTED,
}

VERDICT_FOR = {status: verdict for verdict, status in STATUS_AFTER.items()}

# (status before, who decides, verdict). The policy decides about a new text only: a
# comment just sent (status None), or one whose author has edited it. A person may
# decide at any time; sending back to the queue needs something decided. What a person
# decides about a campaign in advance meets new texts, as the policy does. A report over
# Akismet is what the site's own people have decided elsewhere: it always stands.
# An import brings the decision of another system along with a new comment.
# Readers send back what is published, authors what is rejected, and nothing else.
ALLOWED: frozenset[tuple[Status | None, Source, Verdict]] = frozenset(
    [
        (status, source, verdict)
        for source in AUTOMATIC
        for status in (None, *Status)
        for verdict in Verdict
    ]
    + [
        (status, Source.PERSON, verdict)
        for status in Status
        for verdict in Verdict
        if (status, verdict) != (Status.PENDING, Verdict.REVIEW)
    ]
    + [
        (status, Source.CAMPAIGN, verdict)
        for status in (None, *Status)
        for verdict in (Verdict.APPROVE, Verdict.REJECT)
    ]
    + [
        (status, Source.AKISMET, verdict)
        for status in Status
        for verdict in (Verdict.APPROVE, Verdict.REJECT)
    ]
    + [(None, Source.IMPORT, verdict) for verdict in Verdict]
    + [
        (Status.APPROVED, Source.READERS, Verdict.REVIEW),
        (Status.REJECTED, Source.AUTHOR, Verdict.REVIEW),
    ]
)


class StatusChangeRefused(ValueError):
    """No decision of this kind may be given to a comment in this status."""


def status_after(before: Status | None, source: Source, verdict: Verdict) -> Status:
    """Return the status that a decision leads to.

    Raises
    ------
    StatusChangeRefused
        If the table `ALLOWED` has no such change.
    """
    if (before, source, verdict) not in ALLOWED:
        raise StatusChangeRefused(f"{source} can't {verdict} what is {before}")
    return STATUS_AFTER[verdict]
