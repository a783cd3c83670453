"""A comment as the encoder reads it: without disguises, in few tokens."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from classifiers.text import characters, emoji

#: Characters of a comment that are read: its beginning and its end.
HEAD, TAIL = 1200, 400
#: Share of capitals from which on a comment is read in small letters, 0 to 1.
SHOUTED = 0.6

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.]+")
_LINK = re.compile(r"(?:https?|hxxps?|ftp)://(?:www\.)?([^\s/<>\"')\]]{1,60})\S*", re.I)
_HANDLE = re.compile(r"(?<![\w@])@\w{1,30}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.I)
_STRETCHED = re.compile(r"(\D)\1{3,}")
_ASCII_LETTER = re.compile(r"[a-zA-Z]")
#: Scripts of letters that are put among Latin ones: Greek, Cyrillic, Armenian,
#: Cherokee, phonetic small capitals, Lisu, and letters in frames.
_FOREIGN = re.compile(
    "[\u0250-\u02af\u0370-\u058f\u13a0-\u13ff\u1d00-\u1dbf\ua4d0-\ua4ff\uab70-\uabbf"
    "\U0001f130-\U0001f189]"
)


def plain(text: str) -> str:
    """Return a comment as its tokens are cut from it.

    Links become their sites, addresses ``[email]``, handles ``@USER``, as in the
    texts that were learned from; emoji become the words of their names.

    Examples
    --------
    >>> plain("@anna  see https://www.example.com/a?b=1 \u0440\u0430ypal \U0001f40d")
    '@USER see example.com paypal snake'
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "@" in text:
        text = _HANDLE.sub("@USER", _EMAIL.sub("[email]", text))
    if "://" in text:
        text = _LINK.sub(lambda link: link[1], text)
    if not text.isascii():
        text = " ".join(map(_undisguised, text.split()))
    text = _STRETCHED.sub(r"\1\1\1", " ".join(text.split()))
    return text.lower() if _is_shouted(text) else text


def _undisguised(token: str) -> str:
    if token.isascii():
        return token
    if _ASCII_LETTER.search(token) and _FOREIGN.search(token):
        token = characters.unmask_letters(token)
    shown = characters.without_blanks(token)
    kept = "".join([c for c in shown if unicodedata.category(c) not in {"Cf", "Cc"}])
    words = emoji.words(kept)
    if not words:
        return kept
    letters = "".join([c if c < emoji.FIRST or c.isalnum() else " " for c in kept])
    return " ".join((*letters.split(), *words))


def _is_shouted(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return len(letters) > 8 and sum(map(str.isupper, letters)) > SHOUTED * len(letters)


def cut(ids: Sequence[int], tokens: int) -> list[int]:
    """Return the tokens of a long comment's beginning and end: a third is the end."""
    if len(ids) <= tokens:
        return list(ids)
    tail = tokens // 3
    return [*ids[: tokens - tail], *ids[-tail:]]
