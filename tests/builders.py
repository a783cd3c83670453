"""Makes what tests need, with sensible values where a test doesn't care."""

from __future__ import annotations

import base64
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from argon2 import PasswordHasher
from flask import Flask, current_app, has_app_context, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.datastructures import Headers

from classifiers.serving.scorer import Scorer
from classifiers.text.labels import LABELS
from moderation.accounts import memberships, sessions
from moderation.accounts.sessions import TokenDraft
from moderation.accounts.staff import Role
from moderation.audit import actors
from moderation.audit.actors import Actor, ActorKind
from moderation.audit.chain import derive_audit_key
from moderation.database import db, start_writing
from moderation.policy.brakes import NO_BRAKES
from moderation.policy.thresholds import Moderation
from moderation.sites import integrations, keys, policies, sites
from moderation.sites.protocols import ALL_ON
from moderation.tables.accounts import Staff
from moderation.web.services import services_of
from moderation.worker.dispatch import Sender

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENVIRONMENT = {
    "MODERATION_SECRET_KEY": "only-for-tests-" * 3,
    "MODERATION_EMAIL_KEYS": "k1:" + base64.b64encode(b"e" * 32).decode(),
    "MODERATION_EMAIL_INDEX_KEY": base64.b64encode(b"i" * 32).decode(),
    "MODERATION_LOGIN_LIMIT": "1000 per minute",
    "MODERATION_FORM_LIMIT": "1000 per minute",
    "MODERATION_LOG_LEVEL": "DEBUG",
    # Where it is on, a test says so: most are about what is decided by a score.
    "MODERATION_ENCODER": "never",
    "MODERATION_DOUBLE_SECONDS": "0",  # tests send the same text many times
}

AUDIT_KEY = derive_audit_key(ENVIRONMENT["MODERATION_SECRET_KEY"])
#: Acts where a test calls a use case itself. A request, a command, and a worker must
#: set theirs.
TESTER = Actor(kind=ActorKind.COMMAND_LINE, id=0)


@event.listens_for(Session, "after_begin")
def _let_the_tester_act(session: Session, *_: object) -> None:
    if has_request_context() or actors.has_actor(session):
        return
    key = services_of(current_app).audit_key if has_app_context() else AUDIT_KEY
    actors.act_as(session, TESTER, key)


Thresholds = dict[str, dict[str, float | None]]

# Thresholds that no score reaches, or that every score does.
NOTHING_HELD: Thresholds = {"toxicity": {"review_at": 1.0, "reject_at": None}}
ALL_HELD: Thresholds = {"toxicity": {"review_at": 0.0, "reject_at": None}}
ALL_REJECTED: Thresholds = {"toxicity": {"review_at": 0.0, "reject_at": 0.0}}

PASSWORD = "correct horse battery"  # of all staff

_numbers = itertools.count(1)


def comment(**fields: Any) -> dict[str, Any]:
    """Return the body of a good comment; `None` leaves a field out."""
    body = {
        "author_name": "Ada",
        "author_email": "ada@mail.example",
        "body": f"A fair point, well made, number {next(_numbers)}.",
        "article": "https://gazette.example/bridge",
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """A site, its key, and tokens of its staff."""

    app: Flask
    name: str
    site_id: int
    key: str
    tokens: dict[Role, str]
    staff_ids: dict[Role, int]

    def as_site(self) -> Caller:
        """Return a client that shows the site's key."""
        return Caller(self.app.test_client(), self.key)

    def as_staff(self, role: Role = Role.MODERATOR) -> Caller:
        """Return a client that shows the token of a member of staff."""
        return Caller(self.app.test_client(), self.tokens[role])

    def also_at(self, other: Newsroom, role: Role) -> None:
        """Give a member of staff the same role at another newsroom's site."""
        session = db.session()
        start_writing(session)
        memberships.update_role(session, self.staff_ids[role], other.site_id, role)
        session.commit()

    def set_policy(
        self,
        thresholds: Thresholds,
        default: Moderation = Moderation.POST,
        **more: Any,
    ) -> None:
        """Apply a policy."""
        session = db.session()
        start_writing(session)
        body = {**unbraked_policy(thresholds, default), **more}
        policies.create_policy(
            session, self.site_id, body, staff_id=None, now=datetime.now(UTC)
        )
        session.commit()

    def send(self, **fields: Any) -> dict[str, Any]:
        """Send a good comment and return the answer."""
        response = self.as_site().post("/api/v1/comments", comment(**fields))
        assert response.status_code == 201, response.json
        answer: dict[str, Any] = response.json
        return answer


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request was answered; `json` is None where there is none."""

    status_code: int
    json: Any
    text: str
    headers: Headers


@dataclass(frozen=True)
class Caller:
    """A client with a credential."""

    client: FlaskClient
    credential: str

    def get(self, path: str, **kwargs: Any) -> Answer:
        """GET with the credential."""
        return self.call("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        """POST a JSON body with the credential."""
        return self.call("POST", path, json=body, **kwargs)

    def put(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        """PUT a JSON body with the credential."""
        return self.call("PUT", path, json=body, **kwargs)

    def patch(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        """PATCH a JSON body with the credential."""
        return self.call("PATCH", path, json=body, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Answer:
        """DELETE with the credential."""
        return self.call("DELETE", path, **kwargs)

    def call(self, method: str, path: str, **kwargs: Any) -> Answer:
        """Call with the credential."""
        headers = {"Authorization": f"Bearer {self.credential}"}
        headers.update(kwargs.pop("headers", {}))
        db.session.remove()  # a request starts with a session of its own
        response = self.client.open(path, method=method, headers=headers, **kwargs)
        db.session.remove()
        answer = Answer(
            status_code=response.status_code,
            json=response.get_json(silent=True),
            text=response.get_data().decode(errors="replace"),
            headers=response.headers,
        )
        response.close()  # as a server does: this runs the work after the response
        return answer


def unbraked_policy(
    thresholds: Thresholds, default: Moderation = Moderation.POST
) -> dict[str, Any]:
    """Return a site's first policy, without brakes: tests send many at once."""
    body = policies.default_policy(thresholds, default)
    return {**body, "brakes": NO_BRAKES.as_json()}


@functools.cache
def password_hash() -> str:
    """Return the hash of `PASSWORD`, made once: it is slow by design."""
    return PasswordHasher().hash(PASSWORD)


def issue_token(app: Flask, staff_id: int) -> str:
    """Return a new session's token, good for an hour."""
    token, _ = sessions.issue_token(
        db.session(),
        TokenDraft(staff_id=staff_id, lasts=timedelta(hours=1)),
        hash_keys=services_of(app).token_key,
        now=datetime.now(UTC),
    )
    return token


def hire(newsroom: Newsroom, login: str, *roles: tuple[Role, str]) -> tuple[int, str]:
    """Add a person with a role in some sections; return their ID and token.

    A section without a name is the whole site.
    """
    session = db.session()
    start_writing(session)
    staff = Staff(
        login=login, password_hash=password_hash(), created_at=datetime.now(UTC)
    )
    session.add(staff)
    session.flush()
    for role, section in roles:
        memberships.update_role(session, staff.id, newsroom.site_id, role, section)
    token = issue_token(newsroom.app, staff.id)
    session.commit()
    return staff.id, token


def open_newsroom(app: Flask, name: str) -> Newsroom:
    """Add a site that publishes what nothing speaks against, with staff."""
    session, now = db.session(), datetime.now(UTC)
    hash_keys = services_of(app).token_key
    start_writing(session)
    site = sites.create_site(session, name, unbraked_policy(NOTHING_HELD), now)
    key = keys.issue_key(session, site.id, hash_keys, now)
    tokens, staff_ids = {}, {}
    for role in Role:
        staff = Staff(
            login=f"{name}-{role}", password_hash=password_hash(), created_at=now
        )
        session.add(staff)
        session.flush()
        memberships.update_role(session, staff.id, site.id, role)
        tokens[role] = issue_token(app, staff.id)
        staff_ids[role] = staff.id
    session.commit()
    return Newsroom(
        app=app,
        name=name,
        site_id=site.id,
        key=key,
        tokens=tokens,
        staff_ids=staff_ids,
    )


def speak(newsroom: Newsroom, **more: Any) -> None:
    """Turn on a site's compatibility APIs, with further settings if given."""
    session = db.session()
    start_writing(session)
    wanted = replace(ALL_ON, **more)
    integrations.update_integrations(session, newsroom.site_id, wanted)
    session.commit()


def sender_in(
    app: Flask,
    networks: Sequence[str] = ("127.0.0.0/8",),
    grace: timedelta = timedelta(0),
) -> Sender:
    """Return what a worker of the service has, to tell sites anything."""
    return Sender(
        sessions=sessionmaker(db.engine, expire_on_commit=False),
        privacy=services_of(app).privacy,
        networks=networks,
        grace=grace,
    )


def default_scorer(app: Flask) -> Scorer:
    """Return the scorer of sites that have promoted no model."""
    scorer = services_of(app).scoring.default
    assert scorer is not None
    return scorer


def replace_services(app: Flask, **parts: Any) -> None:
    """Put fakes in the place of an app's services."""
    vars(services_of(app)).update(parts)


def replace_default_scorer(app: Flask, scorer: Any) -> None:
    """Put a fake in the place of the scorer of sites that have promoted no model."""
    vars(services_of(app).scoring)["default"] = scorer


class DeafScorer:
    """Stands for a model that breaks on every text."""

    version = "deaf-1"
    languages = frozenset({"en"})
    weak: ClassVar[dict[str, frozenset[str]]] = {}
    labels = LABELS

    def deciding_in(self, languages: frozenset[str]) -> DeafScorer:
        """Return it, as it reads none."""
        return self

    def score_many(self, documents: Any) -> list[dict[str, float]]:
        """Break."""
        raise RuntimeError("broken")
