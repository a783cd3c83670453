"""The page where admins rehearse: past comments replayed, against what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments import lookup
from moderation.console.blueprint import bp, shown_to, spoken, t
from moderation.console.formats import figure
from moderation.console.navigation import MODEL_PARTS
from moderation.console.places import Place, find_place
from moderation.database import db
from moderation.models import registry
from moderation.policy.verdicts import Status
from moderation.rehearsal import stored
from moderation.rehearsal.past_decisions import DecidedBy
from moderation.rehearsal.rehearsing import USUAL_SAMPLE
from moderation.rehearsal.replaying import WouldBe
from moderation.web.services import services

SHOWN_EXAMPLES = 5  # of each kind
SAMPLES = (10_000, USUAL_SAMPLE, None)  # None: all
#: Those a moderator and the replay disagree about come first.
SURPRISING = (
    (Status.REJECTED.value, WouldBe.APPROVED.value),
    (Status.APPROVED.value, WouldBe.REJECTED.value),
    (Status.APPROVED.value, WouldBe.HELD.value),
)


@bp.get("/models/rehearsal")
@shown_to(Role.ADMIN)
def read_rehearsal() -> ResponseReturnValue:
    """Show the newest rehearsal of a site, and start another one."""
    place, session = find_place(), db.session()
    found = stored.find_newest(session, place.id)
    report = found.report if found else None
    shipped = services().scoring.default
    return render_template(
        "console/rehearsal/rehearsal.html",
        place=place,
        parts_of_models=MODEL_PARTS,
        entries=registry.list_models(session, place.id, shipped),
        samples=SAMPLES,
        usual_sample=USUAL_SAMPLE,
        found=found,
        report=report,
        outcomes=[would_be.value for would_be in WouldBe],
        moderator=DecidedBy.MODERATOR.value,
        examples=list(_examples(place, report)) if report else [],
        range_of=range_of,
        percent_of=percent_of,
    )


def range_of(interval: Mapping[str, float]) -> str:
    """Return a figure with its interval, if it has one."""
    value, low, high = (figure(interval[name], 1) for name in ("value", "low", "high"))
    if interval["low"] == interval["high"]:
        return value
    return t("rehearsal.interval", value=value, low=low, high=high)


def percent_of(interval: Mapping[str, float] | None) -> str:
    """Return a share in percent with its interval; a dash if it isn't known."""
    if interval is None:
        return "–"
    value, low, high = (
        spoken().language.write_percent(100 * interval[name], 1)
        for name in ("value", "low", "high")
    )
    return t("rehearsal.interval", value=value, low=low, high=high)


def _examples(place: Place, report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each kind of comments with some of its texts, disagreements first.

    Comments that were erased since are left out.
    """
    kinds = sorted(report["examples"], key=_place_of)
    texts = _texts(place, kinds)
    for kind in kinds:
        comments = [
            {**each, "text": texts[each["id"]]}
            for each in kind["comments"][:SHOWN_EXAMPLES]
            if each["id"] in texts
        ]
        if comments:
            yield {**kind, "comments": comments}


def _place_of(kind: Mapping[str, Any]) -> int:
    pair = kind["then"], kind["would_be"]
    return SURPRISING.index(pair) if pair in SURPRISING else len(SURPRISING)


def _texts(place: Place, kinds: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    numbers = [
        identifiers.decode(each["id"])
        for kind in kinds
        for each in kind["comments"][:SHOWN_EXAMPLES]
    ]
    found = lookup.texts_of(db.session(), place.id, numbers)
    return {identifiers.encode(number): text for number, text in found.items()}
