"""A site's policy, in and out."""

from __future__ import annotations

from dataclasses import asdict

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.opening_hours_bodies import OpeningHoursBody
from moderation.policy.brakes import QUIET_MINUTES, BrakeKind, BrakePolicy
from moderation.policy.personal_data import PersonalDataAction, PersonalDataPolicy
from moderation.policy.thresholds import REPORT_THRESHOLD, Moderation
from moderation.text.personal_data import PHONE_REGIONS
from moderation.web.fields import CommentText, LanguageTag, Line, PublicLine

MOST_TRUSTED = 10_000  # author ids in one policy
MOST_SECTIONS = 1_000
MAX_OPEN_DAYS = 3_650  # ten years
MAX_RULES_BYTES = 8_000  # some four pages: the policy is read with every comment
MAX_RULES_LANGUAGES = 20
LEAST_THRESHOLD = 0.5  # under it, whoever is always wrong could send all back alone
MOST_THRESHOLD = 1_000
EARNED_AFTER = 20  # approved comments: nobody writes so many for one advertisement
MAX_EARNED_AFTER = 10_000
MAX_EARNED_DAYS = 3_650  # ten years
LEAST_BRAKE_COUNT = 2  # under it, everything would be held
MOST_BRAKE_COUNT = 10_000
MAX_PHONE_REGIONS = 3  # each is tried on every number
MOST_MINUTES = 1_440  # a day; see `campaigns.arrivals.LONGEST_WINDOW`


class ThresholdBody(ma.Schema):
    """The cut points of one label; a score at the point counts as over it."""

    review_at = ma.fields.Float(
        required=True, validate=validate.Range(min=0, max=1), allow_nan=False
    )
    reject_at = ma.fields.Float(
        load_default=None,
        allow_none=True,
        allow_nan=False,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "Not under `review_at`; null: never by score"},
    )

    @ma.validates_schema
    def _ordered(self, fields: dict[str, float | None], **kwargs: object) -> None:
        reject_at = fields["reject_at"]
        if reject_at is not None and reject_at < (fields["review_at"] or 0):
            raise ma.ValidationError({"reject_at": ["Must not be under review_at."]})


class EarnedTrustBody(ma.Schema):
    """What an author's record must show to be trusted by it."""

    approved = ma.fields.Integer(
        load_default=EARNED_AFTER,
        strict=True,
        validate=validate.Range(min=1, max=MAX_EARNED_AFTER),
        metadata={"description": "Approved comments, at least; none rejected"},
    )
    days = ma.fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=MAX_EARNED_DAYS),
        metadata={"description": "Since the author's first comment, at least"},
    )


class BrakeLimitBody(ma.Schema):
    """How many comments may come in how long; one more is held."""

    count = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=LEAST_BRAKE_COUNT, max=MOST_BRAKE_COUNT),
    )
    minutes = ma.fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MOST_MINUTES)
    )


def _brake(described: str, kind: BrakeKind) -> ma.fields.Nested:
    limit = BrakePolicy().limit_of(kind)
    return ma.fields.Nested(
        BrakeLimitBody,
        allow_none=True,
        load_default=lambda: limit and asdict(limit),
        metadata={"description": f"{described}; null: no brake"},
    )


class BrakesBody(ma.Schema):
    """From which rate on comments that would be published are held."""

    near_duplicates = _brake("Comments of one campaign", BrakeKind.NEAR_DUPLICATES)
    author = _brake("Comments of one author", BrakeKind.AUTHOR)
    network = _brake("Comments from one network", BrakeKind.NETWORK)
    article = _brake("Comments on one article", BrakeKind.ARTICLE)
    quiet_minutes = ma.fields.Integer(
        load_default=QUIET_MINUTES,
        strict=True,
        validate=validate.Range(min=1, max=MOST_MINUTES),
        metadata={
            "description": "A brake lets go when so long nothing has come that keeps "
            "it up"
        },
    )


class PersonalDataBody(ma.Schema):
    """What happens to comments that hold personal data."""

    action = ma.fields.Enum(
        PersonalDataAction,
        by_value=True,
        load_default=PersonalDataAction.HOLD,
        metadata={
            "description": "`hold`: a moderator decides; `mask`: readers see the text "
            "without it; `off`: nothing"
        },
    )
    phone_regions = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(PHONE_REGIONS)),
        load_default=list,
        validate=validate.Length(max=MAX_PHONE_REGIONS),
        metadata={
            "description": "Countries whose phone numbers are also found without "
            "`+` or `00`, ISO 3166-1, as `DE`"
        },
    )


class PolicyBody(ma.Schema):
    """What a site has decided in advance."""

    thresholds = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(LABELS)),
        values=ma.fields.Nested(ThresholdBody),
        required=True,
        metadata={"description": "Label to its cut points"},
    )
    default = ma.fields.Enum(
        Moderation,
        by_value=True,
        required=True,
        metadata={
            "description": "`pre`: a person looks at everything before it is shown; "
            "`post`: what nothing speaks against is shown at once; `closed`: no "
            "comment is taken"
        },
    )
    sections = ma.fields.Dict(
        keys=Line(longest=100),
        values=ma.fields.Enum(Moderation, by_value=True),
        load_default=dict,
        validate=validate.Length(max=MOST_SECTIONS),
        metadata={"description": "Sections of the site where another default holds"},
    )
    close_after_days = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=MAX_OPEN_DAYS),
        metadata={
            "description": "Articles take no comments so many days after they were "
            "published, or first commented on; null: they never close"
        },
    )
    section_close_after_days = ma.fields.Dict(
        keys=Line(longest=100),
        values=ma.fields.Integer(
            allow_none=True,
            strict=True,
            validate=validate.Range(min=1, max=MAX_OPEN_DAYS),
        ),
        load_default=dict,
        validate=validate.Length(max=MOST_SECTIONS),
        metadata={"description": "Sections where articles close otherwise"},
    )
    opening_hours = ma.fields.Nested(
        OpeningHoursBody,
        load_default=None,
        allow_none=True,
        metadata={"description": "null: the site is always open"},
    )
    house_rules = ma.fields.Dict(
        keys=LanguageTag(),
        values=CommentText(most_bytes=MAX_RULES_BYTES),
        load_default=dict,
        validate=validate.Length(max=MAX_RULES_LANGUAGES),
        metadata={
            "description": "Language to the site's rules for authors: plain text, "
            "paragraphs apart by an empty line"
        },
    )
    trusted_authors = ma.fields.List(
        PublicLine(longest=255),
        load_default=list,
        validate=validate.Length(max=MOST_TRUSTED),
        metadata={"description": "`author_id`s that the site has verified"},
    )
    earned_trust = ma.fields.Nested(
        EarnedTrustBody,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Spare authors with a good record pre-moderation, and the "
            "hold thresholds of labels that have a reject threshold. Scores still "
            "reject. null: no record is enough"
        },
    )
    report_threshold = ma.fields.Float(
        load_default=REPORT_THRESHOLD,
        allow_none=True,
        allow_nan=False,
        validate=validate.Range(min=LEAST_THRESHOLD, max=MOST_THRESHOLD),
        metadata={
            "description": "Weight of readers' reports at which a published comment "
            "waits for a person again, hidden; a reader of whom nothing is known "
            "weighs 1, others from 0 to 2. null: reports are recorded only"
        },
    )

    second_look_share = ma.fields.Float(
        load_default=0.0,
        allow_nan=False,
        validate=validate.Range(min=0, max=1),
        metadata={
            "description": "Of people's decisions, the share that a second person "
            "decides without knowing the first verdict, 0 to 1"
        },
    )
    audit_share = ma.fields.Float(
        load_default=0.0,
        allow_nan=False,
        validate=validate.Range(min=0, max=1),
        metadata={
            "description": "Of what the machine approved or rejected alone, the share "
            "that people are shown too, unmarked, 0 to 1"
        },
    )
    personal_data = ma.fields.Nested(
        PersonalDataBody,
        load_default=lambda: vars(PersonalDataPolicy()),
        metadata={
            "description": "What happens to comments with email addresses, phone "
            "numbers, or bank accounts"
        },
    )
    brakes = ma.fields.Nested(
        BrakesBody,
        load_default=BrakePolicy().as_json,
        metadata={"description": "What comes too fast is held"},
    )


class PolicyChange(PolicyBody):
    """A policy to be applied."""

    replaces = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        metadata={
            "description": "`id` of the policy that you changed: where another one "
            "was applied since, the answer is 409 `stale_policy`. null: replace any"
        },
    )


class PolicyOut(PolicyBody):
    """The policy in force."""

    id = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class PolicyVersion(PolicyOut):
    """A policy that was in force, and who wrote it."""

    written_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login; null: the command line"},
    )


class PolicyLog(ma.Schema):
    """The policies of a site, the newest first: the one in force."""

    policies = ma.fields.List(ma.fields.Nested(PolicyVersion), required=True)
