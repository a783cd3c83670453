"""Webhooks of a site: added, tried, changed; what they were sent. For admins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.webhook_bodies import (
    DeliveryOut,
    DeliveryPage,
    DeliveryQuery,
    NewWebhook,
    NewWebhookSecret,
    ReplayedOut,
    WebhookChange,
    WebhookList,
    WebhookOut,
    WebhookVersionQuery,
    WebhookWithSecret,
)
from moderation.database import db, start_writing
from moderation.errors import WebhookOff
from moderation.privacy import Privacy
from moderation.tables.webhooks import Delivery, Webhook
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.cursors import read_number, write_cursor
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.webhooks import deliveries, endpoints, outbox
from moderation.webhooks.deliveries import DeliveryState
from moderation.webhooks.endpoints import WebhookSettings
from moderation.webhooks.outbox import EventType

bp = StrictBlueprint(
    "webhooks", __name__, url_prefix="/api/v1", description="For admins"
)

ONE = "/webhooks/<int(min=1, max=2147483647):webhook_id>"
DELIVERY = f"{ONE}/deliveries/<int(min=1, max=9223372036854775807):delivery_id>"


@bp.route("/sites/<site>/webhooks", methods=["GET"])
@needs_staff
@bp.response(200, WebhookList)
@answers(404)
def list_webhooks(site: str) -> ResponseReturnValue:
    """List the webhooks of a site with their state, the oldest first."""
    found = endpoints.list_all(db.session(), site_for(Role.ADMIN, site))
    return {"webhooks": [_shown(each) for each in found]}


@bp.route("/sites/<site>/webhooks", methods=["POST"])
@needs_staff
@bp.arguments(NewWebhook)
@bp.response(201, WebhookWithSecret)
@answers(400, 404, 409, 413, 415, 422)
def create_webhook(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Create a webhook; only this response has its secret.

    It receives events from now on, signed as Standard Webhooks says.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    webhook, secret = endpoints.add(
        session,
        site_id,
        _chosen(fields),
        networks=_networks(),
        privacy=_privacy(),
        **_writer(),
    )
    session.commit()
    return {**_shown(webhook), "secret": secret}


@bp.route(ONE, methods=["GET"])
@needs_staff
@bp.response(200, WebhookOut)
@answers(404)
def read_webhook(webhook_id: int) -> ResponseReturnValue:
    """Get a webhook with its state."""
    return _shown(_find(webhook_id))


@bp.route(ONE, methods=["PUT"])
@needs_staff
@bp.arguments(WebhookChange)
@bp.response(200, WebhookOut)
@answers(400, 404, 409, 413, 415, 422)
def update_webhook(fields: dict[str, Any], webhook_id: int) -> ResponseReturnValue:
    """Change a webhook; queued deliveries go to its new URL."""
    webhook, session = _locked(webhook_id), db.session()
    endpoints.change(
        session,
        webhook,
        fields["version"],
        _chosen(fields),
        networks=_networks(),
        **_writer(),
    )
    session.commit()
    return _shown(webhook)


@bp.route(ONE, methods=["DELETE"])
@needs_staff
@bp.arguments(WebhookVersionQuery, location="query")
@bp.response(204)
@answers(404, 409, 422)
def delete_webhook(query: dict[str, Any], webhook_id: int) -> None:
    """Delete a webhook; its queued deliveries are never sent."""
    webhook, session = _locked(webhook_id), db.session()
    endpoints.delete(session, webhook, query["version"], **_writer())
    session.commit()


@bp.route(f"{ONE}/secret", methods=["POST"])
@needs_staff
@bp.arguments(NewWebhookSecret)
@bp.response(200, WebhookWithSecret)
@answers(400, 404, 409, 413, 415, 422)
def rotate_webhook_secret(
    fields: dict[str, Any], webhook_id: int
) -> ResponseReturnValue:
    """Replace a webhook's secret; only this response has the new one.

    Until the overlap is over, each event carries a signature by either.
    """
    webhook, session = _locked(webhook_id), db.session()
    secret = endpoints.rotate(
        session,
        webhook,
        fields["version"],
        overlap=timedelta(hours=fields["overlap_hours"]),
        privacy=_privacy(),
        **_writer(),
    )
    session.commit()
    return {**_shown(webhook), "secret": secret}


@bp.route(f"{ONE}/test", methods=["POST"])
@needs_staff
@bp.response(202, DeliveryOut)
@answers(404, 409)
def test_webhook(webhook_id: int) -> ResponseReturnValue:
    """Send an event of the type `webhook.test`, even without a subscription to it.

    A worker sends it within some seconds: look for it among the deliveries.
    """
    webhook, session = _locked(webhook_id), db.session()
    if not webhook.is_on:
        raise WebhookOff
    delivery = outbox.try_out(session, webhook, datetime.now(UTC))
    session.commit()
    return _delivery(delivery)


@bp.route(f"{ONE}/deliveries", methods=["GET"])
@needs_staff
@bp.arguments(DeliveryQuery, location="query")
@bp.response(200, DeliveryPage)
@answers(404, 422)
def list_deliveries(query: dict[str, Any], webhook_id: int) -> ResponseReturnValue:
    """List a webhook's sent and queued deliveries, the newest first.

    Deliveries are kept for 30 days.
    """
    webhook, limit = _find(webhook_id), query["limit"]
    found = deliveries.list_newest(
        db.session(),
        webhook.id,
        state=query.get("state"),
        before=read_number(query.get("cursor")),
        limit=limit + 1,
    )
    page = found[:limit]
    return {
        "deliveries": [_delivery(each) for each in page],
        "next": write_cursor([str(page[-1].id)]) if len(found) > limit else None,
    }


@bp.route(f"{DELIVERY}/replay", methods=["POST"])
@needs_staff
@bp.response(202, DeliveryOut)
@answers(404, 409)
def replay_delivery(webhook_id: int, delivery_id: int) -> ResponseReturnValue:
    """Send a delivered or given-up event again, with the same ID."""
    webhook, session = _locked(webhook_id), db.session()
    delivery = deliveries.replay(session, webhook, delivery_id, datetime.now(UTC))
    session.commit()
    return _delivery(delivery)


@bp.route(f"{ONE}/replay", methods=["POST"])
@needs_staff
@bp.response(202, ReplayedOut)
@answers(404, 409)
def replay_failed_deliveries(webhook_id: int) -> ResponseReturnValue:
    """Send all given-up events again."""
    webhook, session = _locked(webhook_id), db.session()
    count = deliveries.replay_failed(session, webhook, datetime.now(UTC))
    session.commit()
    return {"replayed": count}


def _find(webhook_id: int) -> Webhook:
    site_ids = current_person().site_ids(Role.ADMIN)
    return endpoints.find(db.session(), webhook_id, site_ids)


def _locked(webhook_id: int) -> Webhook:
    """Return a webhook that no one else changes until the commit."""
    session, site_ids = db.session(), current_person().site_ids(Role.ADMIN)
    start_writing(session)
    return endpoints.find(session, webhook_id, site_ids, for_update=True)


def _chosen(fields: dict[str, Any]) -> WebhookSettings:
    types = {EventType(name) for name in fields["types"]}
    return WebhookSettings(url=fields["url"], types=types, is_on=fields["is_on"])


def _writer() -> dict[str, Any]:
    return {"staff_id": current_person().id, "now": datetime.now(UTC)}


def _networks() -> tuple[str, ...]:
    settings = services().settings
    return settings.callback_networks


def _privacy() -> Privacy:
    return services().privacy


def _shown(webhook: Webhook) -> dict[str, Any]:
    session, until = db.session(), webhook.former_until
    is_overlapping = until is not None and until > datetime.now(UTC)
    return {
        "id": webhook.id,
        "site": current_person().sites[webhook.site_id],
        "url": webhook.url,
        "types": webhook.types,
        "is_on": webhook.is_on,
        "version": webhook.version,
        "created_at": webhook.created_at,
        "created_by": staff.find_login(session, webhook.created_by),
        "changed_at": webhook.changed_at,
        "changed_by": staff.find_login(session, webhook.changed_by),
        "former_secret_until": until if is_overlapping else None,
        "answered_at": webhook.answered_at,
        "failing_since": webhook.failing_since,
        "fault": webhook.fault,
        "gone_at": webhook.gone_at,
        "waiting": deliveries.count(session, webhook.id, DeliveryState.WAITING),
        "failed": deliveries.count(session, webhook.id, DeliveryState.FAILED),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event": deliveries.event_name(delivery),
        "type": EventType(delivery.type),
        "comment": delivery.comment_id,
        "state": DeliveryState(delivery.state),
        "created_at": delivery.created_at,
        "due_at": _due_at(delivery),
        "attempts": delivery.attempts,
        "settled_at": delivery.settled_at,
        "status": delivery.status,
        "fault": delivery.fault,
        "data": delivery.body,
    }


def _due_at(delivery: Delivery) -> datetime | None:
    if delivery.state != DeliveryState.WAITING.value or delivery.due_at is None:
        return None
    settings = services().settings
    grace = timedelta(seconds=settings.undo_seconds if delivery.is_held else 0)
    return delivery.due_at + grace
