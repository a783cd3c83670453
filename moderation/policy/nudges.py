"""Pure: what an author is asked to think about before a comment is sent.

A nudge is a sentence that the author can act on. It never says that a comment will be
refused, as the same text may be approved by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Nudge(StrEnum):
    """What a comment may do to its readers."""

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

#: Translated by machine, but for English: a native reader should look at them.
SENTENCES: dict[str, dict[Nudge, str]] = {
    "en": {
        Nudge.THREATENS: "This can be read as a threat. Would you like to change it?",
        Nudge.TARGETS_A_GROUP: (
            "This may hurt people for who they are. Would you like to change it?"
        ),
        Nudge.HURTS: "Some readers may find this hurtful. Would you like to change it?",
        Nudge.SWEARS: (
            "Some readers may not want to read these words. Would you like to change "
            "them?"
        ),
        Nudge.ADVERTISES: "This looks like advertising. Is it about the article?",
    },
    "ar": {
        Nudge.THREATENS: "قد يُفهم هذا على أنه تهديد. هل تود تغييره؟",
        Nudge.TARGETS_A_GROUP: "قد يجرح هذا أشخاصًا بسبب هويتهم. هل تود تغييره؟",
        Nudge.HURTS: "قد يجد بعض القراء هذا جارحًا. هل تود تغييره؟",
        Nudge.SWEARS: "قد لا يود بعض القراء قراءة هذه الكلمات. هل تود تغييرها؟",
        Nudge.ADVERTISES: "يبدو هذا إعلانًا. هل يتعلق بالمقال؟",
    },
    "de": {
        Nudge.THREATENS: "Das kann als Drohung gelesen werden. Möchten Sie es ändern?",
        Nudge.TARGETS_A_GROUP: (
            "Das kann Menschen verletzen, weil sie sind, wer sie sind. Möchten Sie es "
            "ändern?"
        ),
        Nudge.HURTS: (
            "Manche könnten das als verletzend empfinden. Möchten Sie es ändern?"
        ),
        Nudge.SWEARS: (
            "Manche möchten solche Wörter nicht lesen. Möchten Sie sie ändern?"
        ),
        Nudge.ADVERTISES: "Das sieht nach Werbung aus. Geht es um den Artikel?",
    },
    "es": {
        Nudge.THREATENS: "Esto puede leerse como una amenaza. ¿Quiere cambiarlo?",
        Nudge.TARGETS_A_GROUP: (
            "Esto puede herir a personas por ser quienes son. ¿Quiere cambiarlo?"
        ),
        Nudge.HURTS: (
            "A algunos lectores puede resultarles hiriente. ¿Quiere cambiarlo?"
        ),
        Nudge.SWEARS: (
            "Algunos lectores no querrán leer estas palabras. ¿Quiere cambiarlas?"
        ),
        Nudge.ADVERTISES: "Esto parece publicidad. ¿Trata del artículo?",
    },
    "fr": {
        Nudge.THREATENS: (
            "Ceci peut être lu comme une menace. Voulez-vous le modifier ?"
        ),
        Nudge.TARGETS_A_GROUP: (
            "Ceci peut blesser des personnes pour ce qu’elles sont. Voulez-vous le "
            "modifier ?"
        ),
        Nudge.HURTS: (
            "Certains lecteurs peuvent trouver cela blessant. Voulez-vous le modifier ?"
        ),
        Nudge.SWEARS: (
            "Certains lecteurs ne voudront pas lire ces mots. Voulez-vous les "
            "modifier ?"
        ),
        Nudge.ADVERTISES: (
            "Ceci ressemble à de la publicité. Est-ce à propos de l’article ?"
        ),
    },
}
DEFAULT_LANGUAGE = "en"


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
    base = language.lower().partition("-")[0]
    found = base if base in SENTENCES else DEFAULT_LANGUAGE
    return SENTENCES[found][nudge], found
