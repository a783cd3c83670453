"""Plain letters in place of look-alikes, accented, and full-width ones."""

from __future__ import annotations

import functools
import re
import unicodedata

#: Letters of other scripts that are drawn like a Latin one. Source: Unicode
#: Technical Standard 39, confusables.txt (read 2026-11): our selection.
LOOKALIKES = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "е": "e", "ё": "e", "з": "3", "к": "k", "м": "m",
        "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x",
        "ь": "b", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "һ": "h", "ԁ": "d",
        "ԛ": "q", "ԝ": "w", "ѵ": "v", "ӏ": "l", "г": "r", "п": "n", "и": "u",
        "ѡ": "w", "ү": "y", "ғ": "f", "ң": "h", "қ": "k", "ө": "o", "ҫ": "c",
        # Greek
        "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "η": "n", "ι": "i",
        "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "σ": "o", "ς": "c", "τ": "t",
        "υ": "u", "χ": "x", "ω": "w", "μ": "u", "ϲ": "c", "ϳ": "j", "θ": "o",
        # Armenian, Cherokee, Latin letters that do not decompose
        "ց": "g", "հ": "h", "ո": "n", "ս": "u", "օ": "o", "զ": "q", "ա": "w",
        "Ꭺ": "a", "Ᏼ": "b", "Ꮯ": "c", "Ꭰ": "d", "Ꭼ": "e", "Ꮐ": "g", "Ꮋ": "h",
        "Ꭵ": "i", "Ꭻ": "j", "Ꮶ": "k", "Ꮮ": "l", "Ꮇ": "m", "Ꮲ": "p", "Ꭱ": "r",
        "Ꮪ": "s", "Ꭲ": "t", "Ꮩ": "v", "Ꮃ": "w", "Ꮓ": "z",
        "ɑ": "a", "ɡ": "g", "ı": "i", "ɩ": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r",
        "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g",
        "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p",
        "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z",
        "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ƒ": "f", "ß": "ss",
        "æ": "ae", "œ": "oe", "ɐ": "a", "ǝ": "e", "ɔ": "c", "ʇ": "t", "ʌ": "v",
        "ʍ": "w", "ʎ": "y", "ɯ": "m", "ɥ": "h", "ʞ": "k", "ɹ": "r", "€": "e",
        "£": "l", "¢": "c", "¥": "y", "є": "e", "ͳ": "t", "Ͳ": "t",
        "ɠ": "g", "ɾ": "r", "ɱ": "m", "ɳ": "n", "ʂ": "s", "ƈ": "c", "ɗ": "d",
        "ɓ": "b", "ƙ": "k", "ʋ": "v", "ɛ": "e", "ƭ": "t", "ƥ": "p", "ԋ": "h",
        "ყ": "y", "ƚ": "l", "ʝ": "j", "ϙ": "q",
        # Lisu, which has no small letters
        "ꓐ": "b", "ꓑ": "p", "ꓓ": "d", "ꓔ": "t", "ꓖ": "g", "ꓗ": "k", "ꓙ": "j",
        "ꓚ": "c", "ꓜ": "z", "ꓝ": "f", "ꓟ": "m", "ꓠ": "n", "ꓡ": "l", "ꓢ": "s",
        "ꓣ": "r", "ꓥ": "a", "ꓦ": "v", "ꓧ": "h", "ꓪ": "w", "ꓫ": "x", "ꓬ": "y",
        "ꓮ": "a", "ꓰ": "e", "ꓲ": "i", "ꓳ": "o", "ꓴ": "u",
    }
)  # fmt: skip
# Cherokee has small letters, which are drawn like the capitals.
LOOKALIKES.update(
    {ord(chr(code).lower()): plain for code, plain in LOOKALIKES.items() if code > 0x7F}
)

#: White letters on black: squared and circled ones, and those in plain squares.
#: Unicode gives no decomposition for them.
_BOXED = {
    first + place: chr(ord("a") + place)
    for first in (0x1F150, 0x1F170)
    for place in range(26)
}
#: Letters that are drawn as flags in pairs; by themselves, they are letters.
FLAG_LETTERS = str.maketrans(
    {0x1F1E6 + place: chr(ord("a") + place) for place in range(26)}
)
#: Letters upside down; a text in them is read from the right.
UPSIDE_DOWN = str.maketrans(
    "ɐqɔpǝɟƃᵷɓɥıᴉɾʞןꞁɯuodbɹsʇnʌʍxʎz",
    "abcdefggghiijkllmnopqrstuvwxyz",
)
#: Those of them that are no letters of their own.
TURNED = frozenset("ɐɔǝɟƃᵷɥᴉʞןꞁɯɹʇʌʍʎ")
#: Characters without a picture that Unicode calls letters or signs: Hangul fillers and
#: the empty Braille pattern.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"

#: Digits and signs written for letters, in the middle of a word.
LEET = str.maketrans("01345789@$!|+€£¢¥(", "oieastbgasiltelcyc")
LEET_OTHER = str.maketrans("01345789@$!|+€£¢¥(", "oleastbgaslitelcyc")

#: Letters of a token that are kept, however many signs it was written with.
MIN_UNMASKED = 64

_BLANK = re.compile(f"[{BLANKS}]+")
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


def unmask_letters(token: str) -> str:
    """Return plain lower-case letters for full-width, mathematical and accented ones.

    Look-alikes from other scripts become Latin only in a token that also has Latin
    letters: real Cyrillic, Greek, Arabic or Chinese words stay what they are.
    """
    if token.isascii():
        if not token.isprintable():
            token = "".join([c for c in token if c >= " "])
        return token.lower()
    # Of signs that stand for whole sentences ("ﷺ": 18 letters), not all.
    most = max(MIN_UNMASKED, 3 * len(token))
    token = unicodedata.normalize("NFKD", token.translate(_BOXED))[:most]
    kept = []
    latin = False
    after_latin = True
    for char in token:
        if char < "\x7f":
            if char >= " ":
                kept.append(char)
                after_latin = True
                latin = latin or char.isalpha()
            continue
        category = unicodedata.category(char)
        if category in _INVISIBLE:
            continue
        if category in {"Mn", "Me"}:
            if not after_latin:
                kept.append(char)
            continue
        after_latin = False
        kept.append(char)
    plain = unicodedata.normalize("NFC", "".join(kept)).lower()
    return plain.translate(LOOKALIKES) if latin or _is_odd_latin(plain) else plain


def _is_odd_latin(plain: str) -> bool:
    return any("\u0100" <= char <= "\u02af" or "ᴀ" <= char <= "ᶿ" for char in plain)


def without_blanks(token: str) -> str:
    """Return a token without its invisible letters.

    Between whole words they stand for spaces, between letters for nothing.

    Examples
    --------
    >>> without_blanks("s\u3164o\u3164r\u3164r\u3164y")
    'sorry'
    >>> without_blanks("so\u3164sorry")
    'so sorry'
    """
    parts = [part for part in _BLANK.split(token) if part]
    is_spelled = 2 * sum(len(part) == 1 for part in parts) >= len(parts)
    return ("" if is_spelled else " ").join(parts)


@functools.lru_cache(maxsize=4096)
def is_single(token: str) -> bool:
    """Return whether a token is one letter or digit, perhaps next to a sign."""
    if len(token) > 2:
        return False
    if len(token) == 1:
        return token.isalnum() and ord(token) < 0x2E80
    letters = [char for char in token if char.isalnum()]
    return len(letters) == 1 and letters[0] < "\u2e80"
