"""Tells the audit log who acts in a request."""

from __future__ import annotations

from flask import request

from moderation.audit import actors
from moderation.audit.actors import Actor, ActorKind
from moderation.database import db
from moderation.sites.sites import SiteContext
from moderation.web.services import services


def act_as_person(staff_id: int) -> None:
    """Let a person who has logged in act in the rest of the request."""
    _act_as(ActorKind.STAFF, staff_id)


def act_as_site(site: SiteContext) -> None:
    """Let a site's own software act in the rest of the request."""
    _act_as(ActorKind.SITE_KEY, site.key.id if site.key else None)


def act_as_provider() -> None:
    """Let the organization's log-in act in the rest of the request."""
    _act_as(ActorKind.PROVIDER, None)


def act_as_anyone() -> None:
    """Let a visitor without a log-in act in the rest of the request."""
    _act_as(ActorKind.ANONYMOUS, None)


def _act_as(kind: ActorKind, actor_id: int | None) -> None:
    network = services().privacy.network(request.remote_addr)
    actor = Actor(kind=kind, id=actor_id, network=network)
    actors.act_as(db.session(), actor, services().audit_key)
