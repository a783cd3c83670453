"""Verdicts, statuses, and the sources of decisions."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome given to a comment."""

    APPROVE = "approve"  #: publish
    REVIEW = "review"  #: a person must look
    REJECT = "reject"  #: keep hidden


class Status(StrEnum):
    """The current status of a comment."""

    PENDING = "pending"  #: waits for a person
    APPROVED = "approved"  #: shown to readers
    REJECTED = "rejected"  #: hidden


class Source(StrEnum):
    """The source of a decision."""

    POLICY = "policy"  #: the thresholds of the site
    PERSON = "person"  #: a moderator
    AKISMET = "akismet"  #: the site's own people, as its software reports over Akismet
    CAMPAIGN = "campaign"  #: a person's verdict on a campaign, given before it came
    READERS = "readers"  #: reports that together passed the site's threshold
    AUTHOR = "author"  #: the comment's author, by an appeal
    IMPORT = "import"  #: the system from which the comment was imported
    RULE = "rule"  #: a rule of the site's admins, where the thresholds alone say less


#: Whose verdict settles a matter: a moderator's, or the site's own people's.
PEOPLE = frozenset({Source.PERSON, Source.AKISMET})
#: Sources of decisions that no person took, one comment at a time.
AUTOMATIC = frozenset({Source.POLICY, Source.RULE})
#: Sources that decide without a moderator; also a standing decision about a campaign.
UNATTENDED = AUTOMATIC | {Source.CAMPAIGN}
