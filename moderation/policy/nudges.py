"""Pure: what an author is asked to think about before a comment is sent.

A nudge is a sentence that the author can act on. It never says that a comment will be
refused, as the same text may be approved by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from moderation.languages.registry import TextPart, nearest, offered, read_texts


class Nudge(StrEnum):
    """A comment's likely effect on its readers."""

    THREATENS = "threatens"
    TARGETS_A_GROUP = "targets_a_group"
    HURTS = "hurts"
    SWEARS = "swears"
    ADVERTISES = "advertises"


#: The label behind each, the gravest first: of several, an author reads one.
_BY_LABEL = {
    "threat": Nudge.THREATENS,
    "identity_attack": Nudge.TARGETS_A_GROUP,
    "severe_toxicity": Nudge.HURTS,
    "insult": Nudge.HURTS,
    "toxicity": Nudge.HURTS,
    "sexually_explicit": Nudge.SWEARS,
    "profanity": Nudge.SWEARS,
    "spam": Nudge.ADVERTISES,
}

SENTENCES: dict[str, dict[Nudge, str]] = {
    language: {
        Nudge(name): text
        for name, text in read_texts(language, TextPart.NUDGES).items()
    }
    for language in offered(TextPart.NUDGES)
}


def choose(scores: Mapping[str, float], limits: Mapping[str, float]) -> Nudge | None:
    """Return what an author is asked about; None for nothing.

    Parameters
    ----------
    scores
        Label to score, 0 to 1, of labels that the model is good at.
    limits
        Label to the score from which the site holds a comment, 0 to 1.

    >>> choose({"insult": 0.8, "spam": 0.9}, {"insult": 0.7, "spam": 0.7})
    <Nudge.HURTS: 'hurts'>
    """
    for label, nudge in _BY_LABEL.items():
        if label in scores and scores[label] >= limits.get(label, 1.0):
            return nudge
    return None


def sentence(nudge: Nudge, language: str) -> tuple[str, str]:
    """Return a nudge's sentence, and the language that it is in.

    Parameters
    ----------
    language
        BCP 47 tag of the page; of a language without sentences, they are English.

    >>> sentence(Nudge.ADVERTISES, "de-AT")
    ('Das sieht nach Werbung aus. Geht es um den Artikel?', 'de')
    """
    found = nearest(language, SENTENCES)
    return SENTENCES[found][nudge], found
