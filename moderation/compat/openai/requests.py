"""The texts of a request to OpenAI's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.errors import ModerationError

MAX_TEXTS = 1000  # in one request
MAX_TEXT_BYTES = 100_000  # of one text, UTF-8


class Unreadable(ModerationError):
    """The input can't be moderated."""

    code = "unreadable"

    def __init__(self, message: str, openai_code: str | None = None) -> None:
        super().__init__(message)
        self.openai_code = openai_code


def read_texts(sent: Any) -> list[str]:
    """Return one text per result; a list of parts is one text.

    Raises
    ------
    Unreadable
        For any other shape, for images, and for what is too much.
    """
    if isinstance(sent, list) and sent and all(isinstance(e, dict) for e in sent):
        texts = ["\n".join(_part(part) for part in sent)]
    else:
        texts = sent if isinstance(sent, list) else [sent]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Unreadable("'input' must be a string, a list of strings, or of parts.")
    if len(texts) > MAX_TEXTS:
        raise Unreadable(f"'input' may hold {MAX_TEXTS} texts at most.")
    if any(len(e.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES for e in texts):
        raise Unreadable(f"A text may have {MAX_TEXT_BYTES} bytes of UTF-8 at most.")
    return [text.encode("utf-8", "replace").decode() for text in texts]


def _part(part: Mapping[str, Any]) -> str:
    if part.get("type") == "image_url":
        raise Unreadable(
            "Images can't be moderated here; send text.", "unsupported_image"
        )
    text = part.get("text")
    if part.get("type") != "text" or not isinstance(text, str):
        raise Unreadable("Each part of 'input' needs the type 'text' and a 'text'.")
    return text
