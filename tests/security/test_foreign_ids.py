"""Ids of another site's objects, on every route, by every kind of caller.

Based on the leaks of First American Financial in May 2019 (885 million documents could
be read by changing the number in the address) and of Optus in September 2022 (an API
without access control gave out the records of nearly ten million people), and on
OWASP's API1:2023, broken object level authorization.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from moderation import create_app
from moderation.database import db
from moderation.web.auth import TOKEN_COOKIE
from moderation.web.origins import SAFE_METHODS
from tests.builders import ENVIRONMENT
from tests.security.callers import (
    ABSENT,
    CALLERS,
    MARKER,
    OF_SECTION,
    SECRETS,
    CallerKind,
    World,
    open_world,
    sign,
)
from tests.security.entries import ANYONE, ENTRIES, LEADS, Door, Entry

PARAMETER = re.compile(r"<(?:[^<>]+:)?(\w+)>")
WHOLE = re.compile(r"\{(\w+)\}")
SETTINGS = {
    **ENVIRONMENT,
    "MODERATION_DEMO": "true",
    "MODERATION_COMPAT_LIMIT": "100000 per minute",
    "MODERATION_REPORT_LIMIT": "100000 per minute",
    "MODERATION_REPORTER_LIMIT": "100000 per minute",
    "MODERATION_UNDO_SECONDS": "3600",
    "MODERATION_APPEAL_LIMIT": "100000 per minute",
}
LOGIN = "/console/login"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a call was answered."""

    status_code: int
    text: str
    location: str | None


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method of a rule of the app."""

    method: str
    rule: str
    endpoint: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def entry(self) -> Entry:
        return ENTRIES[self.endpoint]

    @property
    def names_objects(self) -> bool:
        """Whether a call names an object of a site."""
        return bool(self.objects)

    @property
    def objects(self) -> set[str]:
        """The names of the objects of a site that a call names."""
        wanted = json.dumps([self.entry.query, _plain(self.entry.body)])
        parameters = set(PARAMETER.findall(self.rule)) - set(self.entry.path)
        named = parameters | set(WHOLE.findall(wanted))
        named |= {value for value in self.entry.path.values() if value[0] != "="}
        return named - {"as_of", "campaign_version", "credential", "key"}

    @property
    def takes_form(self) -> bool:
        return self.endpoint.partition(".")[0] in {
            "akismet",
            "authors",
            "notices",
            "console",
            "demo",
        }


def _plain(body: Any) -> Any:
    return None if isinstance(body, bytes) else body


def methods_of(rule: Rule) -> list[str]:
    methods = set(rule.methods or ()) - {"HEAD"}
    return sorted(methods - {"OPTIONS"} or methods)


@functools.cache
def rules() -> list[Rule]:
    app = create_app({**SETTINGS, "DATABASE_URL": "sqlite://"})
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)


def routes() -> list[Route]:
    return [
        Route(method=method, rule=rule.rule, endpoint=rule.endpoint)
        for rule in rules()
        if rule.endpoint in ENTRIES
        for method in methods_of(rule)
    ]


@pytest.fixture(scope="module")
def opened(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("foreign")))
    app = create_app({**SETTINGS, "DATABASE_URL": f"sqlite:///{path}"})
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        yield open_world(app, path)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(opened: World) -> World:
    opened.restore()
    return opened


def filled(value: Any, ids: Mapping[str, Any]) -> Any:
    """Put ids into a body or a query."""
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    if isinstance(value, str) and (match := WHOLE.fullmatch(value)):
        return ids[match[1]]
    return value


def call(
    world: World, route: Route, caller: CallerKind, ids: Mapping[str, Any]
) -> Reply:
    """Call a route, with ids, as a caller."""
    entry, credential = route.entry, caller.credential(world)
    # What Akismet's paths call `key` is the caller's own.
    ids = {**ids, "credential": credential, "key": credential or "-"}

    def of_path(match: re.Match[str]) -> str:
        name = entry.path.get(match[1], match[1])
        value = name[1:] if name[0] == "=" else ids[name]
        return quote(str(value), safe="")

    headers, sent = dict(entry.headers), filled(entry.body, ids)
    kwargs: dict[str, Any] = {}
    client = world.app.test_client()
    if entry.door is Door.COOKIE:
        client.set_cookie(TOKEN_COOKIE, quote(credential))
    elif entry.door is Door.BEARER and credential:
        headers["Authorization"] = f"Bearer {credential}"
    if isinstance(sent, bytes) or route.takes_form:
        kwargs["data"] = sent
    elif sent is not None:
        kwargs["data"] = json.dumps(sent).encode()
        headers.setdefault("Content-Type", "application/json")
    if entry.door is Door.SIGNATURE:
        secret = SECRETS.get(caller.name, credential)
        headers["X-Coral-Signature"] = sign(kwargs["data"], secret)
    db.session.remove()
    answer = client.open(
        PARAMETER.sub(of_path, route.rule),
        method=route.method,
        query_string=filled(dict(entry.query), ids),
        headers=headers,
        **kwargs,
    )
    text = answer.get_data().decode("utf-8", "replace")
    answer.close()  # else a file that was sent stays open
    return Reply(status_code=answer.status_code, text=text, location=answer.location)


def is_refused(answer: Reply, entry: Entry) -> bool:
    """Return whether an answer is a refusal for want of the right credential."""
    if entry.door is Door.COOKIE and answer.status_code in {302, 303}:
        return answer.location == LOGIN
    if answer.text == "invalid" or "API_KEY_INVALID" in answer.text:
        return True
    return answer.status_code in {401, 403}


def shape_of(answer: Reply, ids: Mapping[str, Any]) -> tuple[int, str]:
    """Return an answer without the ids that the caller has sent."""
    text = answer.text
    for name, value in ids.items():
        if isinstance(value, str) and name != "as_of":
            text = text.replace(value, f"<{name}>")
        elif isinstance(value, int):  # in the address that a form leads back to
            text = re.sub(rf'(value="/[a-z/]+/){value}\?"', rf'\1<{name}>?"', text)
    return answer.status_code, text


STRANGERS = [caller for caller in CALLERS if caller.is_stranger is not False]
OWN = [caller for caller in CALLERS if caller.is_stranger is not True]


def test_every_route_says_who_may_call_it() -> None:
    endpoints = {rule.endpoint for rule in rules()}
    missing = sorted(endpoints - set(ENTRIES))
    assert not missing, (
        f"{missing}: add an `Entry` to tests/security/entries.py that says who may "
        "call the endpoint and how a call that succeeds looks; name ids as {comment_id}"
    )
    assert sorted(set(ENTRIES) - endpoints) == [], "entries of routes that are gone"


@pytest.mark.faults
@pytest.mark.parametrize("route", routes(), ids=str)
def test_strangers_learn_and_change_nothing(world: World, route: Route) -> None:
    absent = {**world.ids, **ABSENT}
    for caller in STRANGERS:
        answer = call(world, route, caller, world.ids)
        is_expected = answer.status_code == route.entry.status
        assert answer.status_code < 500 or is_expected, (caller.name, answer.text)
        assert MARKER not in shape_of(answer, world.ids)[1], (caller.name, answer.text)
        if not route.names_objects or route.entry.callers == ANYONE:
            continue
        twin = call(world, route, caller, absent)
        assert shape_of(answer, world.ids) == shape_of(twin, absent), caller.name
        is_alike = route.entry.is_alike_to_strangers and answer.status_code == 200
        assert (
            is_alike
            or is_refused(answer, route.entry)
            or (answer.status_code in {404, 422})
        ), (caller.name, answer.status_code, answer.text)
    assert route.entry.has_secret_path or world.digest() == world.start


#: Names of comments, and of what is made of comments.
OF_COMMENTS = {
    "approved_id",
    "appealed_id",
    "author_id",
    "batch_id",
    "brake_id",
    "campaign_id",
    "comment_id",
    "decided_id",
    "escalated_id",
}


@pytest.mark.faults
@pytest.mark.parametrize(
    "route",
    [
        route
        for route in routes()
        if route.objects & OF_COMMENTS and {*route.entry.callers} & LEADS
        if route.entry.callers != ANYONE
    ],
    ids=str,
)
def test_a_lead_of_another_section_learns_and_changes_nothing(
    world: World, route: Route
) -> None:
    absent = {**world.ids, **ABSENT, "site": world.ids["site"]}
    answer = call(world, route, OF_SECTION, world.ids)
    twin = call(world, route, OF_SECTION, absent)
    assert shape_of(answer, world.ids) == shape_of(twin, absent)
    assert answer.status_code in {403, 404}, answer
    assert world.digest() == world.start


@pytest.mark.faults
@pytest.mark.parametrize("route", routes(), ids=str)
def test_only_the_named_callers_are_let_in(world: World, route: Route) -> None:
    entry = route.entry
    is_served = route.method in (entry.methods or {route.method})
    allowed = [one for one in OWN if is_served and one.name in entry.callers]
    for caller in [one for one in OWN if one not in allowed]:
        answer = call(world, route, caller, world.ids)
        is_hidden = entry.is_hidden and answer.status_code == 404
        assert is_hidden or is_refused(answer, entry), (caller.name, answer)
    assert world.digest() == world.start
    for caller in allowed:
        answer = call(world, route, caller, world.ids)
        if entry.status is not None:
            assert answer.status_code == entry.status, (caller.name, answer)
        else:
            assert answer.status_code < 400, (caller.name, answer)
            assert not is_refused(answer, entry), (caller.name, answer)
        if route.method not in SAFE_METHODS:
            world.restore()
