"""The demo's made-up article, in the language of each demo site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SITE = "demo"  # name of the demo's site in the database
REFERENCE = "https://courier.example/2026/ferry-lane-bridge"  # its id in our API
TITLE = "Ferry Lane bridge to close for two years from March"
SECTION = "Local"


@dataclass(frozen=True, kw_only=True)
class Edition:
    """An article on a demo site, and the comments to it."""

    site: str
    reference: str
    title: str
    section: str
    comments: str  #: name of the file


ENGLISH = Edition(
    site=SITE,
    reference=REFERENCE,
    title=TITLE,
    section=SECTION,
    comments="comments.json",
)
#: By the language in which the scores of a further demo site decide.
EDITIONS: Mapping[str, Edition] = {
    "de": Edition(
        site=f"{SITE}-de",
        reference="https://kurier.example/2026/faehrgassenbruecke",
        title="Fährgassenbrücke wird ab März für zwei Jahre gesperrt",
        section="Lokales",
        comments="comments.de.json",
    ),
    "fr": Edition(
        site=f"{SITE}-fr",
        reference="https://courrier.example/2026/pont-du-bac",
        title="Le pont du Bac fermera pour deux ans à partir de mars",
        section="Local",
        comments="comments.fr.json",
    ),
}
