"""Readers of text and files, as functions of bytes that may refuse, but never fail."""

from __future__ import annotations

import contextlib
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import marshmallow as ma
from flask import Flask
from werkzeug.exceptions import HTTPException

from classifiers.errors import ClassifierError
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.text import languages, normalization, tokens
from moderation import identifiers, privacy
from moderation.api.comment_bodies import IdempotencyHeader, NewComment
from moderation.comments.status_links import StatusLinks
from moderation.compat.akismet.comment import fields_of
from moderation.compat.azure import markup
from moderation.compat.coral.comment import read_facts, read_fields, read_username
from moderation.compat.openai.requests import read_texts
from moderation.compat.parsing import form
from moderation.compat.perspective.requests import read_analysis, read_suggestion
from moderation.errors import ModerationError
from moderation.rules import domains, entries, entry_lists, word_index, words
from moderation.rules.conditions import ConditionKind
from moderation.rules.patterns import PatternIndex
from moderation.text import csv_files, links, minhash, names, plain
from moderation.web import cursors, fields, origins, parsing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
#: How a reader refuses.
REFUSALS = (ModerationError, ClassifierError, HTTPException, ma.ValidationError)
ODD = (
    "a\u200bb \u202eא\u0301 p o k e r 1.2.3.4 xn--e1a.example not a.b@c.example http://"
)

Reader = Callable[[bytes], object]

_app = Flask("fuzz")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A reader, with inputs to begin from."""

    name: str
    read: Reader
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = REFUSALS

    def fault_of(self, data: bytes) -> str | None:
        """Return how the reader failed; None if it read or refused the input."""
        try:
            self.read(data)
        except self.refusals:
            return None
        except Exception as error:  # noqa: BLE001 - a fault is what is looked for
            return describe(error)
        return None


def describe(error: BaseException) -> str:
    """Return an error's type and the line that raised it: one fault, one text."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _of_text(read: Callable[[str], object]) -> Reader:
    return lambda data: read(data.decode("utf-8", "replace"))


def _of_json(read: Callable[[Any], object]) -> Reader:
    return lambda data: read(parsing.read_json(data))


def _of_object(read: Callable[[dict[str, Any]], object]) -> Reader:
    def checked(data: bytes) -> None:
        body = parsing.read_json(data)
        if isinstance(body, dict):
            read(body)

    return checked


def _score(text: str) -> None:
    scorer = default_model.load()
    (scores,) = scorer.score_many([Document(text=text, author_name=text[:100])])
    assert all(0 <= score <= 1 for score in scores.values())
    several = scorer.score_many([Document(text=text), Document(text=text)])
    assert several[0] == several[1]
    for span in scorer.explain(Document(text=text), "toxicity"):
        assert 0 <= span.start <= span.end <= len(text)


def _tokens(text: str) -> None:
    for start, end in normalization.spans(text):
        assert 0 <= start <= end <= len(text)
    for token in normalization.tokens(text):
        normalization.fold(token)
    normalization.author_words(text, text)
    tokens.cut([text, text])


def _language(text: str) -> None:
    _, share = languages.detect(text)
    assert 0 <= share <= 1.001
    languages.is_supported(text, frozenset({"en"}))


def _links(text: str) -> None:
    links.list_links(text)
    links.read_link(text)
    domains.list_hosts(text)
    domains.count_links(text)


def _names(text: str) -> None:
    names.is_deceptive(text, "gazette")
    assert not names.has_hidden(names.without_hidden(text))
    names.has_lookalikes(text)


def _minhash(text: str) -> None:
    sketch = minhash.sketch(1, text)
    if sketch is not None and sketch.minima is not None:
        assert minhash.estimate_similarity(sketch.minima, sketch.minima) == 1


def _emails(text: str) -> None:
    masked = privacy.mask_emails(text)
    assert not privacy.has_email(masked), masked


def _csv(text: str) -> None:
    csv_files.csv_text([text.split(","), [text]])


def _pattern(text: str) -> None:
    pattern, _, body = text.partition("\n")
    index = PatternIndex()
    index.add(entries.normalize_entry(ConditionKind.PATTERN, pattern), 0)
    index.compile()
    for spans in index.find(body, None).values():
        for start, end in spans:
            assert 0 <= start <= end <= len(body)


def _word_entries(text: str) -> None:
    for kind in (ConditionKind.WORDS, ConditionKind.DOMAIN):
        with contextlib.suppress(ModerationError):
            entry_lists.read_lines(kind, text)
    first, _, body = text.partition("\n")
    index = word_index.WordIndex()
    index.add(entries.normalize_entry(ConditionKind.WORDS, first), 0)
    word_index.read_words(body, index)
    words.unmask(body)


def _cursor(text: str) -> None:
    cursors.read_cursor(text, 2)


def _cursor_number(text: str) -> None:
    assert 0 <= (cursors.read_number(text) or 0) < 1 << 63


def _token(text: str) -> None:
    stranger = StatusLinks([b"k" * 32], "")
    assert stranger.comment_of(text) is None, "a guess opened a status page"
    with contextlib.suppress(ValueError):
        assert identifiers.encode(identifiers.decode(text[:13])) == text[:13]


def _markup(text: str) -> None:
    visible, places = markup.read_markup(text)
    assert len(visible) == len(places)
    assert all(0 <= place < len(text) for place in places)


def _field(text: str) -> None:
    plain.is_blank(text)
    fields.is_storable(text)
    plain.is_web_address(text)


def _akismet(data: bytes) -> None:
    kind, _, body = data.partition(b"\n")
    with _app.test_request_context(
        method="POST", data=body, content_type=kind.decode("latin-1").replace("\r", "")
    ):
        fields_of(form(), "gazette", NOW)


def _coral(sent: Any) -> None:
    read_fields(sent)
    read_facts(sent, None)
    read_username(sent)


def _headers(data: bytes) -> None:
    lines = data.decode("latin-1").replace("\r", "").replace("\0", "").split("\n")
    origin, referer, host = (lines + [""] * 3)[:3]
    sent = {"Origin": origin, "Referer": referer, "Host": host or "desk.example"}
    with _app.test_request_context(method="POST", headers=sent):
        origins.is_foreign()
        origins.is_readable_by_others()


def _idempotency(text: str) -> None:
    IdempotencyHeader().load({"Idempotency-Key": text})


_COMMENT = {
    "author_name": "Ada",
    "author_email": "ada@mail.example",
    "author_url": "https://ada.example/",
    "body": ODD,
    "article": "https://x.example/",
    "parent": "0" * 13,
    "ip": "192.0.2.1",
    "written_at": "2026-01-01T00:00:00Z",
    "language": "en-GB",
}
_ANALYZE = {
    "comment": {"text": ODD, "type": "PLAIN_TEXT"},
    "requestedAttributes": {"TOXICITY": {"scoreThreshold": 0.1}},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
    "languages": ["en"],
    "spanAnnotations": True,
}
_CORAL = {
    "action": "NEW",
    "comment": {"body": f'<div>{ODD}<a href="http://x">y</a>'},
    "author": {"id": "a", "role": "COMMENTER", "username": "Ada"},
}
_OPENAI = {"input": [{"type": "text", "text": ODD}], "model": "omni-moderation-latest"}


def _sent(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _model_head() -> bytes:
    """Return the shipped model's header, with the arrays cut off."""
    data = default_model.PATH.read_bytes()
    return data[: 8 + int.from_bytes(data[:8], "little") + 64]


def _text(name: str, read: Callable[[str], object], *seeds: str, **more: Any) -> Target:
    starts = tuple(seed.encode() for seed in (ODD, *seeds))
    return Target(name=name, read=_of_text(read), seeds=starts, **more)


#: `ValueError` is how entries are refused, with a message for the admin.
_ENTRY_REFUSALS = (*REFUSALS, ValueError)

TARGETS = [
    _text("classifiers.text.tokens", _tokens, "n0t a b*d w0rd"),
    _text("classifiers.text.languages", _language, "语言 язык"),
    _text("classifiers.serving.fast_scorer", _score, "you are not an i d i o t"),
    Target(
        name="classifiers.serving.artifact",
        read=artifact.loads,
        seeds=(_model_head(), b"\x02\0\0\0\0\0\0\0{}"),
    ),
    _text("text.links", _links, "https://user@x.example:80/?u=%2F", "hxxp://a[.]b"),
    _text("text.names", _names, "\u0410dmin"),
    _text("text.minhash", _minhash, "one two three four five six seven " * 4),
    _text("text.csv_files", _csv, "=cmd|' /C calc'!A0,b"),
    _text("privacy.emails", _emails, "jane%2540mail.example j@x.example"),
    _text(
        "rules.patterns",
        _pattern,
        "(ca|si)no[0-9]{2,3}\ncasino77",
        refusals=_ENTRY_REFUSALS,
    ),
    _text(
        "rules.words",
        _word_entries,
        "free spins\nf r e e sp1ns",
        refusals=_ENTRY_REFUSALS,
    ),
    _text("web.cursors", _cursor, cursors.write_cursor(["a", "b"])),
    _text("web.cursors.number", _cursor_number, cursors.write_cursor(["7"])),
    Target(name="web.parsing", read=parsing.read_json, seeds=(_sent(_COMMENT), b"[1]")),
    _text("web.fields", _field, "http://[::1]:80/"),
    Target(name="web.origins", read=_headers, seeds=(b"http://a:80\nhttp://b\na:80",)),
    _text("comments.status_links", _token, "0" * 45),
    Target(
        name="api.new_comment",
        read=_of_object(lambda body: NewComment().load(body)),
        seeds=(_sent(_COMMENT),),
    ),
    _text("api.idempotency_key", _idempotency, "7f1c"),
    Target(
        name="compat.akismet",
        read=_akismet,
        seeds=(
            b"application/x-www-form-urlencoded; charset=utf-8\ncomment_content=a%20b"
            b"&blog=http://b.example&user_ip=::1&comment_date_gmt=2026-01-01T00:00:00Z",
            b"multipart/form-data; boundary=x\n--x\r\nContent-Disposition: form-data; "
            b'name="blog"\r\n\r\nb\r\n--x--',
        ),
    ),
    _text("compat.azure.markup", _markup, "<p>a<b>b</b>&lt;<!-- c --><script>"),
    Target(name="compat.coral", read=_of_json(_coral), seeds=(_sent(_CORAL),)),
    Target(name="compat.openai", read=_of_json(read_texts), seeds=(_sent(_OPENAI),)),
    Target(
        name="compat.perspective.analyze",
        read=_of_object(read_analysis),
        seeds=(_sent(_ANALYZE),),
    ),
    Target(
        name="compat.perspective.suggest",
        read=_of_object(read_suggestion),
        seeds=(_sent(_ANALYZE),),
    ),
]


def target_named(name: str) -> Target:
    """Return a target by its name."""
    return next(target for target in TARGETS if target.name == name)
