"""Bodies of an article's openness, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.comments.article_openness import ArticleOpenness, OpennessSetting
from moderation.policy.openness import ClosedBy
from moderation.web.fields import Line


class OpennessQuery(ma.Schema):
    """Facts about an article that has no comments yet."""

    section = Line(
        longest=100,
        metadata={"description": "Of an article that has no comments yet"},
    )


class OpennessChange(ma.Schema):
    """An article's own setting for comments."""

    setting = ma.fields.Enum(
        OpennessSetting,
        by_value=True,
        required=True,
        metadata={
            "description": "`closed`; `open`: regardless of section and age, though "
            "not outside of the opening hours; `policy`: as the site's policy says"
        },
    )


class OpennessOut(OpennessChange):
    """The openness of an article for comments now."""

    section = ma.fields.String(required=True, allow_none=True)
    is_open = ma.fields.Boolean(required=True)
    closed_by = ma.fields.Enum(
        ClosedBy,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "null: it is open"},
    )
    opens_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Of a closed one, where that is known"},
    )
    closes_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Of an open one, where that is known"},
    )


class HouseRulesOut(ma.Schema):
    """A site's rules for authors."""

    house_rules = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={
            "description": "Language to plain text, paragraphs apart by an empty line"
        },
    )


def openness_json(article: ArticleOpenness) -> dict[str, Any]:
    """Return an article's openness as `OpennessOut` dumps it."""
    openness = article.openness
    return {
        "section": article.section,
        "setting": article.setting,
        "is_open": openness.is_open,
        "closed_by": openness.closed_by,
        "opens_at": openness.opens_at,
        "closes_at": article.closes_at,
    }
