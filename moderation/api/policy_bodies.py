"""A site's policy, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS, SELF_HARM
from moderation.api.opening_hours_bodies import OpeningHoursBody
from moderation.policy.brakes import QUIET_MINUTES, BrakeKind, BrakePolicy
from moderation.policy.care import CARE_MINUTES, CarePolicy
from moderation.policy.personal_data import PersonalDataAction, PersonalDataPolicy
from moderation.policy.thresholds import REPORT_THRESHOLD, Moderation
from moderation.text.personal_data import PHONE_REGIONS
from moderation.web.fields import CommentText, LanguageTag, Line, PublicLine

MOST_TRUSTED = 10_000  # author ids in one policy
MOST_SECTIONS = 1_000
MAX_OPEN_DAYS = 3_650  # ten years
MAX_RULES_BYTES = 8_000  # some four pages: the policy is read with every comment
MAX_RULES_LANGUAGES = 20
LEAST_THRESHOLD = (
    0.5  # under it, an author who is always wrong could send all back alone
)
MOST_THRESHOLD = 1_000
EARNED_AFTER = 20  # approved comments: no one writes so many for one advertisement
MAX_EARNED_AFTER = 10_000
MAX_EARNED_DAYS = 3_650  # ten years
LEAST_BRAKE_COUNT = 2  # under it, everything would be held
MOST_BRAKE_COUNT = 10_000
MAX_CARE_MINUTES = 120  # two hours: care is taken in minutes
MAX_CARE_TEXT = 1_000  # characters: it is read in an emergency
MAX_DECIDED_LANGUAGES = 20
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
    """Conditions on an author's record for earned trust."""

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
    """The most comments within a time; one more is held."""

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
            "description": "A brake ends after so many minutes without a comment that "
            "keeps it on"
        },
    )


class PersonalDataBody(ma.Schema):
    """The treatment of comments that contain personal data."""

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


class CareBody(ma.Schema):
    """The treatment of comments that call for care."""

    minutes = ma.fields.Integer(
        load_default=CARE_MINUTES,
        strict=True,
        validate=validate.Range(min=1, max=MAX_CARE_MINUTES),
        metadata={"description": "In which a moderator should have decided"},
    )
    text = CommentText(
        most_characters=MAX_CARE_TEXT,
        most_bytes=4 * MAX_CARE_TEXT,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Instructions for moderators, in plain text. null: a "
            "sentence in the language of each moderator's console"
        },
    )


def refuse_rejection(thresholds: Mapping[str, Mapping[str, float | None]]) -> None:
    """Refuse a reject threshold for self-harm: no score rejects for that.

    Raises
    ------
    ValidationError
        If there is one.
    """
    if thresholds.get(SELF_HARM, {}).get("reject_at") is not None:
        problem = {"value": {"reject_at": ["Self-harm is never rejected by score."]}}
        raise ma.ValidationError({SELF_HARM: problem})


class PolicyBody(ma.Schema):
    """The settings of a site's policy."""

    thresholds = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(LABELS)),
        values=ma.fields.Nested(ThresholdBody),
        required=True,
        validate=refuse_rejection,
        metadata={
            "description": "Label to its cut points. `self_harm` has no `reject_at`: "
            "from `review_at` on (0.5 without an entry), a comment calls for care. So "
            "it does from the `reject_at` of `threat` on, which rejects nothing"
        },
    )
    default = ma.fields.Enum(
        Moderation,
        by_value=True,
        required=True,
        metadata={
            "description": "`pre`: every comment is held; `post`: comments without "
            "objections are published immediately; `closed`: no comments are accepted"
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
        metadata={"description": "Sections with another number of days"},
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
            "is held again; a new reader weighs 1, others from 0 to 2. null: reports "
            "are recorded only"
        },
    )

    second_look_share = ma.fields.Float(
        load_default=0.0,
        allow_nan=False,
        validate=validate.Range(min=0, max=1),
        metadata={
            "description": "Share of people's decisions with a second review, without "
            "the first verdict, 0 to 1"
        },
    )
    audit_share = ma.fields.Float(
        load_default=0.0,
        allow_nan=False,
        validate=validate.Range(min=0, max=1),
        metadata={
            "description": "Share of automatic decisions that moderators audit, "
            "unmarked, 0 to 1"
        },
    )
    languages = ma.fields.List(
        ma.fields.String(
            validate=validate.Regexp(
                "[a-z]{2}$", error="Must be a language code, such as de."
            )
        ),
        load_default=list,
        validate=validate.Length(max=MAX_DECIDED_LANGUAGES),
        metadata={
            "description": "Languages, ISO 639-1, in which scores decide at this site, "
            "beyond those that the model is good in. One that the model hasn't learned "
            "has no effect: its comments are held"
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
        metadata={"description": "Limits from which new comments are held"},
    )
    care = ma.fields.Nested(
        CareBody,
        load_default=CarePolicy().as_json,
        metadata={
            "description": "Comments whose author may harm themself, or that threaten "
            "a life, are held before all others; scores never reject them"
        },
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
    """The current policy of a site."""

    id = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class PolicyVersion(PolicyOut):
    """A version of a site's policy, with its author."""

    written_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login; null: the command line"},
    )


class PolicyLog(ma.Schema):
    """The policies of a site; the first one is current."""

    policies = ma.fields.List(ma.fields.Nested(PolicyVersion), required=True)
