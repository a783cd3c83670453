"""The catalogue of the console: whole in every language, without unused texts."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup

from classifiers.text.labels import LABELS
from moderation import errors
from moderation.accounts.staff import Role
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.actors import ActorKind
from moderation.audit.verification import AuditFaultKind
from moderation.console import texts
from moderation.console.navigation import every_page
from moderation.console.texts import LANGUAGES, words
from moderation.languages.registry import DEFAULT
from moderation.languages.words import Words
from moderation.objections.appeals import AuthorState
from moderation.policy.nudges import Nudge
from moderation.policy.reasons import HOUSE_REASONS, REASON_CODES, ReasonCode
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.sites.keys import KeyScope
from moderation.web.errors import HTTP_CODES
from tests.refusals import on_sqlite

CONSOLE = Path(texts.__file__).parent
AUTHORS = CONSOLE.parent / "author_pages"  # a page that speaks with the same words

# t("a.key"), parts('a.key'), t(`prefix.${…}`), t("prefix." ~ …), t(f"prefix.{…}"), and
# text="a.key" of the bar's list, has(`prefix.${…}`).
CALL = re.compile(r"""\b(?:t|parts|has)\(\s*f?(["'`])([\w.]+)(\1|\$\{|\{)""")
LISTED = re.compile(r"""\btext=()"([\w.]+)(")""")


def used() -> tuple[set[str], set[str]]:
    """Return the keys that the console uses, and the prefixes of those put together."""
    keys: set[str] = set()
    prefixes: set[str] = set()
    for path in (*CONSOLE.rglob("*"), *AUTHORS.rglob("*")):
        if path.suffix in {".html", ".js", ".py"}:
            for found in (CALL, LISTED):
                for _, key, end in found.findall(path.read_text()):
                    is_whole = end not in {"${", "{"} and not key.endswith(".")
                    (keys if is_whole else prefixes).add(key)
    return keys, prefixes


def test_every_text_that_is_used_is_there() -> None:
    keys, prefixes = used()
    assert keys - set(words(DEFAULT).texts) == set()
    there = {key.rpartition(".")[0] + "." for key in words(DEFAULT).texts}
    assert prefixes - there == set()


def test_no_text_is_unused() -> None:
    keys, prefixes = used()
    unused = {
        key
        for key in words(DEFAULT).texts
        if key not in keys and key.rpartition(".")[0] + "." not in prefixes
    }
    assert unused == set()


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("label", LABELS),
        ("reason", (*HOUSE_REASONS, *(set(ReasonCode) - {ReasonCode.SCORE}))),
        ("by_score", Verdict),
        ("decision", Verdict),
        ("done", Verdict),
        ("role", Role),
        ("source", Source),
        ("status", Status),
        ("audit_log.action", tuple(each.replace(".", "_") for each in AuditAction)),
        ("audit_log.actor", ActorKind),
        ("audit_log.target", TargetKind),
        ("audit_log.fault", AuditFaultKind),
        ("connections.scope", KeyScope),
        ("connections.scope_means", KeyScope),
        ("insights.nudge.of", Nudge),
        ("people.role", Role),
        ("author.state", AuthorState),
        ("author.next", AuthorState),
        ("author.reason", REASON_CODES),
    ],
)
def test_every_code_is_told_in_words(
    prefix: str, names: type[StrEnum] | tuple[str, ...]
) -> None:
    there = {
        key.removeprefix(f"{prefix}.")
        for key in words(DEFAULT).texts
        if key.startswith(f"{prefix}.")
    }
    assert {str(name) for name in names} - there == set()


def test_every_page_of_the_bar_has_its_name() -> None:
    assert all(page.text in words(DEFAULT) for page in every_page())


class Said(HTMLParser):
    """Collects what a template says by itself, without its tags and its Jinja."""

    SPOKEN = ("alt", "aria-label", "placeholder", "title")
    #: Blocks of the shell that stand inside a tag.
    ATTRIBUTES = re.compile(
        r"\{% block (main_id|main_attributes|body_class) %\}.*?\{% endblock %\}",
        re.DOTALL,
    )

    def __init__(self, template: str) -> None:
        super().__init__()
        self.found: list[str] = []
        template = self.ATTRIBUTES.sub("", template)
        self.feed(re.sub(r"\{[{%#].*?[}%#]\}", " ", template, flags=re.DOTALL))

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]", data):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.SPOKEN:
                self.handle_data(value or "")


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for room in (CONSOLE, AUTHORS)
        for path in (room / "templates").rglob("*.html")
    ),
    ids=lambda path: path.name,
)
def test_templates_say_nothing_of_their_own(path: Path) -> None:
    assert Said(path.read_text()).found == []


@pytest.fixture
def speech() -> Words:
    """A small catalogue in English."""
    return Words(
        LANGUAGES["en"],
        {
            "hall.plain": "Nothing to add",
            "hall.named": "By {name} & others",
            "hall.counted": {"one": "{count} comment", "other": "{count} comments"},
        },
    )


def test_values_stand_where_the_text_wants_them(speech: Words) -> None:
    assert speech("hall.plain") == "Nothing to add"
    assert speech("hall.named", name="{name}") == "By {name} & others"
    assert speech("hall.counted", count=1) == "1 comment"
    assert speech("hall.counted", count=1200) == "1,200 comments"


def test_markup_stays_markup_and_the_rest_is_escaped(speech: Words) -> None:
    said = speech("hall.named", name=Markup("<b>Ada</b>"))
    assert isinstance(said, Markup)
    assert said == "By <b>Ada</b> &amp; others"
    assert not isinstance(speech("hall.named", name="<b>"), Markup)


@pytest.mark.parametrize(
    ("key", "values"),
    [("hall.lost", {}), ("hall.named", {}), ("hall.counted", {"count": "2"})],
)
def test_what_is_missing_is_a_fault(
    speech: Words, key: str, values: dict[str, object]
) -> None:
    with pytest.raises(KeyError):
        speech(key, **values)


def test_a_name_of_the_other_direction_is_set_apart(speech: Words) -> None:
    assert speech("hall.named", name="ليلى") == "By \u2068ليلى\u2069 & others"
    assert speech("hall.named", name="Łucja 7") == "By Łucja 7 & others"


@on_sqlite
@pytest.mark.parametrize(
    ("asked", "chosen", "expected"),
    [
        ("", "", "en"),
        ("ar-EG,ar;q=0.9,en;q=0.5", "", "ar"),
        ("fr,fi", "", "en"),
        ("de-AT,de;q=0.9,en;q=0.5", "", "de"),
        ("en", "ar", "ar"),
        ("ar", "xx", "ar"),
    ],
)
def test_pages_speak_the_language_that_is_wanted(
    client: FlaskClient, asked: str, chosen: str, expected: str
) -> None:
    client.set_cookie("moderation_language", chosen)
    page = client.get("/console/login", headers={"Accept-Language": asked})
    direction = LANGUAGES[expected].direction
    assert f'<html lang="{expected}" dir="{direction}"' in page.text
    assert words(expected)("account.login.password") in page.text


@on_sqlite
def test_the_language_is_chosen_in_the_page(client: FlaskClient) -> None:
    form = {"language": "ar", "back": "/console/decided?site=gazette"}
    answer = client.post("/console/language", data=form)
    assert answer.status_code == 303
    assert answer.headers["Location"] == form["back"]
    assert 'lang="ar"' in client.get("/console/login").text


@on_sqlite
@pytest.mark.parametrize(
    "back",
    ["", "//evil.example/", "https://evil.example/console/", "/console/../x", "/demo/"],
)
def test_choosing_a_language_leads_nowhere_else(client: FlaskClient, back: str) -> None:
    form = {"language": "en", "back": back}
    answer = client.post("/console/language", data=form)
    assert answer.headers["Location"] == "/console/"


@on_sqlite
def test_a_language_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    answer = client.post("/console/language", data={"language": "../en"})
    assert answer.status_code == 404
    assert client.get("/console/texts/xx.json").status_code == 404


@on_sqlite
def test_scripts_get_the_texts_once(client: FlaskClient) -> None:
    page = client.get("/console/login").text
    found = re.search(r'data-texts="([^"]+)"', page)
    assert found is not None
    answer = client.get(found.group(1))
    assert json.loads(answer.text) == words("en").texts
    assert "immutable" in answer.headers["Cache-Control"]
    assert "no-store" not in answer.headers["Cache-Control"]


#: Rooms whose refusals the console's own calls don't meet.
NOT_CALLED = frozenset(
    {"accounts", "author_pages", "cli", "compat", "console", "demo", "sites", "web"}
)
REFUSALS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Conflict | errors.Forbidden)
}


def returned(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the texts that a function returns."""
    for node in ast.walk(function):
        match node:
            case ast.Return(ast.Constant(str(text))):
                yield text


def sentences() -> set[str]:
    """Return what the service says when it refuses, as far as it is one fixed text."""
    found: set[str] = set()
    for path in sorted(CONSOLE.parent.rglob("*.py")):
        if path.relative_to(CONSOLE.parent).parts[0] in NOT_CALLED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Name(name), [ast.Constant(str(text)), *_]):
                    found |= {text} if name in REFUSALS else set()
                case ast.FunctionDef(name="why_not_undone"):
                    found |= set(returned(node))
    return found


def test_every_refusal_is_said_in_every_language() -> None:
    """The console shows it, and the service answers in English."""
    found = sentences()
    assert "This batch was already undone." in found
    names = {re.sub(r"[^a-z]+", "_", each.lower()).strip("_") for each in found}
    there = {
        key.removeprefix("answer.")
        for key in words(DEFAULT).texts
        if key.startswith("answer.")
    }
    assert names - there == {
        "log_in_over_https_others_can_read_a_password_sent_over_http"
    }


def test_every_code_of_an_error_is_said_in_every_language() -> None:
    codes = {*HTTP_CODES.values()} | {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ModerationError)
    }
    known = words(DEFAULT)
    missing = {
        code
        for code in codes
        if f"error.{code}" not in known and f"vague.{code}" not in known
    }
    assert missing == set()
