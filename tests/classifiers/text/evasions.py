"""Rude sentences of our own and the tricks by which people try to get them through."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

#: Sentences with a place for the word that gets a comment caught.
FRAMES = (
    "you are such a {}",
    "what a {} you are, honestly",
    "only a {} would write this article",
    "shut up, you {}",
    "the mayor is a {} and everybody knows it",
    "nobody cares what a {} like you thinks",
    "go away, {}, and take your friends with you",
    "I have never met a bigger {} than this author",
    "listen, {}, that is not how taxes work",
    "every {} on the council voted for it",
    "another {} who cannot read",
    "the editor must be a {} to print this",
    "typical {}, always complaining",
    "my neighbour is a {}, just like you",
    "stop talking, you {}",
)
#: Single words, so that a trick has one place to work on.
WORDS = (
    "idiot",
    "moron",
    "bitch",
    "bastard",
    "asshole",
    "dickhead",
    "imbecile",
    "scumbag",
    "loser",
    "retard",
    "whore",
    "shithead",
    "fucker",
    "cunt",
    "jackass",
    "pussy",
    "clown",
    "dumbass",
    "piss",
    "pervert",
)

_LOOKALIKE = str.maketrans("aeiopcxys", "аеіорсхуѕ")
_LEET = str.maketrans("aeiost", "431057")
_SIGNS = str.maketrans("asi", "@$!")

Trick = Callable[[str, random.Random], str]


def _zero_width(word: str, chance: random.Random) -> str:
    return chance.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad").join(word)


def _combining(word: str, chance: random.Random) -> str:
    return "".join(c + chance.choice("\u0301\u0336\u0323\u0308\u0489") for c in word)


def _lookalike(word: str, chance: random.Random) -> str:
    return word.translate(_LOOKALIKE)


def _fullwidth(word: str, chance: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in word)


def _mathematical(word: str, chance: random.Random) -> str:
    first = chance.choice([0x1D41A, 0x1D44E + 52, 0x1D5BA, 0x1D68A])
    styled = "".join(chr(first + ord(c) - ord("a")) for c in word)
    return styled if unicodedata.normalize("NFKD", styled) == word else word.upper()


def _stretched(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at] * chance.randrange(2, 6) + word[at:]


def _entities(word: str, chance: random.Random) -> str:
    return "".join(f"&#{ord(c)};" if chance.random() < 0.5 else c for c in word)


def _filled(word: str, chance: random.Random) -> str:
    return chance.choice("\u3164\u115f\uffa0").join(word)


def _lisu(word: str, chance: random.Random) -> str:
    letters = "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓩꓣꓢꓔꓴꓦꓪꓫꓬꓜ"
    return "".join(letters[ord(c) - ord("a")] for c in word)


def _upside_down(word: str, chance: random.Random) -> str:
    letters = "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"
    return "".join(letters[ord(c) - ord("a")] for c in reversed(word))


def _in(first: int) -> Trick:
    return lambda word, chance: "".join(chr(first + ord(c) - ord("a")) for c in word)


def _starred(word: str, chance: random.Random) -> str:
    for at, char in enumerate(word[1:], start=1):
        if char in "aeiou":
            return word[:at] + "*" + word[at + 1 :]
    return word


TRICKS: dict[str, Trick] = {
    "zero-width": _zero_width,
    "combining": _combining,
    "look-alikes": _lookalike,
    "full-width": _fullwidth,
    "mathematical": _mathematical,
    "leet": lambda word, chance: word.translate(_LEET),
    "signs": lambda word, chance: word.translate(_SIGNS),
    "spaced": lambda word, chance: " ".join(word),
    "stretched": _stretched,
    "dots inside": lambda word, chance: ".".join(word),
    "hyphens inside": lambda word, chance: "-".join(word),
    "Hangul fillers": lambda word, chance: chance.choice("\u3164\u115f\uffa0").join(
        word
    ),
    "boxed": _in(0x1F170),
    "circled": _in(0x1F150),
    "flags": _in(0x1F1E6),
    "Lisu": _lisu,
    "upside down": _upside_down,
    "entities": _entities,
    "a vowel starred": _starred,
    "mixed capitals": lambda word, chance: "".join(
        c.upper() if i % 2 else c for i, c in enumerate(word)
    ),
}


def plain_sentences() -> list[str]:
    """Return the rude sentences without a trick."""
    return [frame.format(word) for frame in FRAMES for word in WORDS]


def tricked_sentences(trick: str, seed: int = 0) -> list[str]:
    """Return the same sentences, their rude word disguised."""
    chance = random.Random(seed)
    change = TRICKS[trick]
    return [frame.format(change(word, chance)) for frame in FRAMES for word in WORDS]
