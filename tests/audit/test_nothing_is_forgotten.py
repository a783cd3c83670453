"""Each route and command that changes or takes something leaves an entry, or says why.

A new one fails here until it has a line below.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import pyotp
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.api import staff as staff_api
from moderation.audit.actions import AuditAction
from moderation.audit.actors import ActorKind
from moderation.audit.verification import verify
from moderation.cli.main import main
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.learning import retraining
from moderation.sites.protocols import Integrations
from moderation.tables.accounts import SecondFactor
from moderation.tables.jobs import Job
from moderation.tables.legal import Notice
from moderation.tables.webhooks import Delivery
from moderation.web.services import services_of
from moderation.worker import duties, loops
from tests.api.test_imports import work_off as import_all
from tests.audit.rows import entries
from tests.builders import (
    ALL_HELD,
    AUDIT_KEY,
    PASSWORD,
    Caller,
    Newsroom,
    comment,
    open_newsroom,
    replace_services,
)
from tests.comments.test_statements import reject
from tests.decided_newsroom import decide_many, sentences
from tests.objections.test_appeals import appeal
from tests.objections.test_notices import kept, noticed, verdict
from tests.operations import operations
from tests.refusals import on_sqlite
from tests.renamed_model import renamed, renamed_file
from tests.security.entries import CHAT, NOTIFIED, OF_CHAT
from tests.transparency.archives import BINARY, DAYS, archive

SHIPPED = default_model.load().version
MODEL = renamed_file("visitor")
VISITOR = renamed("visitor").version
SITE = "/api/v1/sites/gazette"
OWN_LOG = "decisions, claims, and notes have a log of their own"
NO_CHANGE = "reads past comments and stores nothing"
VIEWS = "a saved view is a filter of the queue and grants nothing"

#: Operations that may leave no entry, with the reason.
UNRECORDED = {
    "count_nudge": "counts, without a text or a person",
    "score_texts": "stores nothing",
    "answer_erasure": "tests/subjects looks for its entries",
    "assign_view": VIEWS,
    "backtest_rule": NO_CHANGE,
    "check_receipt": NO_CHANGE,
    "claim_comment": OWN_LOG,
    "correct_labels": OWN_LOG,
    "create_author_note": OWN_LOG,
    "create_appeal": "appeals have a log of their own",
    "create_complaint": "complaints have a log of their own",
    "create_notice": "notices have a log of their own",
    "create_blind_review": "a judgment is stored with its author",
    "create_comment": "comments have a log of their own",
    "create_comments": "comments have a log of their own",
    "create_note": OWN_LOG,
    "create_view": VIEWS,
    "decide_campaign": OWN_LOG,
    "decide_comment": OWN_LOG,
    "decide_range": OWN_LOG,
    "delete_view": VIEWS,
    "edit_comment": "revisions have a log of their own",
    "end_standing_decision": OWN_LOG,
    "escalate_comment": OWN_LOG,
    "hold_published": OWN_LOG,
    "mark_drift_alert_seen": "the alert says who has seen it",
    "release_comment": OWN_LOG,
    "release_comments": OWN_LOG,
    "replace_view": VIEWS,
    "report_comment": "reports have a log of their own",
    "reserve_comments": OWN_LOG,
    "run_what_if": NO_CHANGE,
    "upload_import_part": "its import is recorded when it is announced",
    "retry_batch": OWN_LOG,
    "undo_batch": OWN_LOG,
    "undo_decision": OWN_LOG,
    "verify_audit_log": "reads the log and stores nothing",
    "withdraw_escalation": OWN_LOG,
}
#: Operations that only read, and are recorded for what they give away.
READING = {
    "download_export",
    "export_audit_log",
    "export_examples",
    "export_model",
    "download_transparency_file",
    "read_lineage",
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call, and the entry that it must leave."""

    id: str
    method: str
    path: str
    action: AuditAction
    arguments: dict[str, Any] = field(default_factory=dict)
    actor_kind: ActorKind = ActorKind.STAFF


def call(name: str, method: str, path: str, action: AuditAction, **how: Any) -> Call:
    return Call(id=name, method=method, path=path, action=action, arguments=how)


def post(name: str, path: str, action: AuditAction, body: Any = None) -> Call:
    arguments = {} if body is None else {"json": body}
    return Call(id=name, method="POST", path=path, action=action, arguments=arguments)


def model_calls() -> Iterator[Call]:
    octets = {"data": MODEL, "content_type": "application/octet-stream"}
    yield Call(
        id="import_model",
        method="POST",
        path=f"{SITE}/models",
        action=AuditAction.MODEL_IMPORTED,
        arguments=octets,
    )
    yield Call(
        id="export_model",
        method="GET",
        path=f"{SITE}/models/{SHIPPED}/file",
        action=AuditAction.MODEL_EXPORTED,
    )
    yield Call(
        id="start_shadow",
        method="PUT",
        path=f"{SITE}/shadow",
        action=AuditAction.SHADOW_STARTED,
        arguments={"json": {"version": VISITOR}},
    )
    yield Call(
        id="stop_shadow",
        method="DELETE",
        path=f"{SITE}/shadow",
        action=AuditAction.SHADOW_STOPPED,
    )
    reason = {"despite_gate": "The election is on Sunday."}
    path = f"{SITE}/models/{VISITOR}/promotion"
    yield post("promote_model", path, AuditAction.MODEL_PROMOTED, reason)
    yield post("roll_back_model", f"{SITE}/rollback", AuditAction.MODEL_ROLLED_BACK)
    pair = {"first": SHIPPED, "second": VISITOR}
    started = AuditAction.JOB_STARTED
    yield post("start_comparison", f"{SITE}/comparisons", started, pair)
    yield post("start_retraining", f"{SITE}/retrainings", started)
    yield post("start_rescoring", f"{SITE}/rescorings", started, {})
    yield post("start_rehearsal", f"{SITE}/rehearsals", started, {})
    yield post("start_export", f"{SITE}/exports", started, {})
    report = {"kind": "report", "from": "2026-01-01", "to": "2026-01-31"}
    files = f"{SITE}/transparency-files"
    yield post("start_transparency_file", files, started, report)
    yield post("start_article_merging", f"{SITE}/article-mergings", started, {})
    canceled = AuditAction.JOB_CANCELED
    yield post("cancel_job", "/api/v1/jobs/1/cancellation", canceled)
    session = db.session()
    start_writing(session)
    session.execute(sa.update(Job).where(Job.id == 1).values(state="failed"))
    session.commit()
    yield post("retry_job", "/api/v1/jobs/1/retry", AuditAction.JOB_RETRIED)
    yield Call(
        id="export_examples",
        method="GET",
        path=f"{SITE}/examples",
        action=AuditAction.EXAMPLES_EXPORTED,
    )


def import_calls(newsroom: Newsroom) -> Iterator[Call]:
    imports, listed = f"{SITE}/imports", [{"name": "export.jsonl", "size": 3}]
    create = AuditAction.HISTORY_UPLOADED
    yield post("create_import", imports, create, {"files": listed})
    admin, path = newsroom.as_staff(Role.ADMIN), f"{imports}/1"
    part = f"{path}/files/0?offset=0"
    octets = "application/octet-stream"
    sent = admin.call("PUT", part, data=b"{}\n", content_type=octets)
    assert sent.status_code == 200, sent.text
    started = AuditAction.JOB_STARTED
    yield post("check_import", f"{path}/check", started, {"format": "jsonl"})
    import_all(newsroom.app)
    yield post("start_import", f"{path}/start", started)
    import_all(newsroom.app)
    admin.post(imports, {"files": listed})
    discarded = AuditAction.HISTORY_DISCARDED
    yield call("delete_import", "DELETE", f"{imports}/2", discarded)


def rule_calls() -> Iterator[Call]:
    condition = {"kind": "words", "entries": ["casino"]}
    rule = {"name": "Ads", "action": "hold", "mode": "on", "conditions": [condition]}
    yield post("create_rule", f"{SITE}/rules", AuditAction.RULE_CREATED, rule)
    yield Call(
        id="update_rule",
        method="PATCH",
        path=f"{SITE}/rules/1",
        action=AuditAction.RULE_CHANGED,
        arguments={"json": {"version": 1, "mode": "off"}},
    )
    yield Call(
        id="import_rule",
        method="POST",
        path=f"{SITE}/rules/import?name=List&kind=words",
        action=AuditAction.RULE_CREATED,
        arguments={"data": "poker", "content_type": "text/plain"},
    )
    yield Call(
        id="delete_rule",
        method="DELETE",
        path=f"{SITE}/rules/1?version=2",
        action=AuditAction.RULE_DELETED,
    )


def brake_calls(newsroom: Newsroom) -> Iterator[Call]:
    for _ in range(2):
        newsroom.send(body="Earn a lot from home with our new system, for all of us")
    prolonged = AuditAction.BRAKE_PROLONGED
    hours = {"hours": 1}
    yield post("brake_campaign", "/api/v1/campaigns/1/brake", prolonged, hours)
    yield post("prolong_brake", "/api/v1/brakes/1/prolongation", prolonged, hours)
    path = "/api/v1/brakes/1/release"
    yield post("release_brake", path, AuditAction.BRAKE_RELEASED)
    for _ in range(2):
        newsroom.send(body="We want the ferry back, and at night too, dear council")
    merged = {"into": 1, "version": 1}
    path = "/api/v1/campaigns/2/merge"
    yield post("merge_campaign", path, AuditAction.CAMPAIGN_MERGED, merged)


def webhook_calls() -> Iterator[Call]:
    url, one = "https://cms.gazette.example/in", "/api/v1/webhooks/1"
    body = {"url": url, "types": ["comment.approved"]}
    created = AuditAction.WEBHOOK_CREATED
    yield post("create_webhook", f"{SITE}/webhooks", created, body)
    change = {**body, "types": ["comment.held"], "is_on": True, "version": 1}
    yield Call(
        id="update_webhook",
        method="PUT",
        path=one,
        action=AuditAction.WEBHOOK_CHANGED,
        arguments={"json": change},
    )
    rotated = AuditAction.WEBHOOK_SECRET_ROTATED
    yield post("rotate_webhook_secret", f"{one}/secret", rotated, {"version": 2})
    yield post("test_webhook", f"{one}/test", AuditAction.WEBHOOK_TESTED)
    replayed = AuditAction.DELIVERIES_REPLAYED
    yield post("replay_failed_deliveries", f"{one}/replay", replayed)
    session = db.session()
    start_writing(session)
    session.execute(sa.update(Delivery).values(state="failed"))
    delivery_id = session.scalars(sa.select(Delivery.id)).one()
    session.commit()
    path = f"{one}/deliveries/{delivery_id}/replay"
    yield post("replay_delivery", path, replayed)
    yield Call(
        id="delete_webhook",
        method="DELETE",
        path=f"{one}?version=3",
        action=AuditAction.WEBHOOK_DELETED,
    )


def notification_calls(newsroom: Newsroom) -> Iterator[Call]:
    here, site = "/api/v1/account/notifications", f"{SITE}/notifications"
    with_mail = replace(
        services_of(newsroom.app).settings,
        smtp_host="127.0.0.1",
        public_url="https://comments.example",
    )
    replace_services(newsroom.app, settings=with_mail)
    changed, chat = AuditAction.NOTIFICATIONS_CHANGED, {"json": CHAT}
    name = "replace_notification_preferences"
    yield call(name, "PUT", here, changed, json=NOTIFIED)
    is_set, address = AuditAction.NOTIFICATION_EMAIL_SET, {"email": "ada@mail.example"}
    yield call("set_notification_email", "PUT", f"{here}/email", is_set, json=address)
    gone = AuditAction.NOTIFICATION_EMAIL_DELETED
    yield call("delete_notification_email", "DELETE", f"{here}/email", gone)
    is_set, gone = (
        AuditAction.NOTIFICATION_CHAT_SET,
        AuditAction.NOTIFICATION_CHAT_DELETED,
    )
    yield call("set_notification_chat", "PUT", f"{here}/chat", is_set, **chat)
    tested = AuditAction.NOTIFICATION_TESTED
    yield post("send_test_notification", f"{here}/test", tested, {"channel": "chat"})
    yield call("delete_notification_chat", "DELETE", f"{here}/chat", gone)
    changed = AuditAction.SITE_NOTIFICATIONS_CHANGED
    yield call("replace_site_notifications", "PUT", site, changed, json=OF_CHAT)
    yield call("set_site_chat", "PUT", f"{site}/chat", is_set, **chat)
    yield post("send_site_test", f"{site}/test", tested)
    yield call("delete_site_chat", "DELETE", f"{site}/chat", gone)


def author_calls(newsroom: Newsroom) -> Iterator[Call]:
    newsroom.send()
    body = {"site": "gazette", "email": "ada@mail.example"}
    looked_up = AuditAction.AUTHOR_LOOKED_UP
    yield post("look_up_author", "/api/v1/authors/lookup", looked_up, body)
    authors = newsroom.as_staff().get("/api/v1/authors").json["authors"]
    reveal = f"/api/v1/authors/{authors[0]['id']}/email-reveal"
    reason = {"reason": "The police asked for it."}
    yield post("reveal_author_email", reveal, AuditAction.EMAIL_REVEALED, reason)
    path = f"/api/v1/authors/{authors[0]['id']}/standing"
    given, ban = AuditAction.AUTHOR_STANDING_SET, {"standing": "banned"}
    body = {**ban, "reason": "spam"}
    yield call("replace_standing", "PUT", path, given, json=body)
    undone = AuditAction.AUTHOR_STANDING_UNDONE
    yield post("undo_standing", f"{path}/undo", undone)
    yield call("replace_standing", "PUT", path, given, json=body)
    lifted = AuditAction.AUTHOR_STANDING_LIFTED
    yield call("lift_standing", "DELETE", path, lifted)


def legal_calls(newsroom: Newsroom) -> Iterator[Call]:
    settings = {"kind": "platform", "is_small": False}
    changed = AuditAction.LEGAL_CHANGED
    yield call("update_legal_settings", "PUT", f"{SITE}/legal", changed, json=settings)
    version = newsroom.as_staff().get(f"{SITE}/terms").json["version"]
    terms, changed = {"seen_version": version, "clauses": {}}, AuditAction.TERMS_CHANGED
    yield call("update_site_terms", "PUT", f"{SITE}/terms", changed, json=terms)
    flagger, changed = {"name": "A", "reference": "B"}, AuditAction.FLAGGER_CHANGED
    yield post("create_flagger", f"{SITE}/flaggers", changed, flagger)
    body = {"is_suspended": True}
    yield call("update_flagger", "PUT", f"{SITE}/flaggers/1", changed, json=body)
    yield from notice_calls(newsroom, newsroom.send()["id"])
    warning = {"kind": "warning", "reason": "Unfounded."}
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    law = {"legal_ground": "§ 130 StGB", "is_manifest": True}
    reject(newsroom, sent, "threat", **law)
    authors = newsroom.as_staff().get("/api/v1/authors").json["authors"]
    path = f"/api/v1/authors/{authors[0]['id']}/misuse"
    yield post("act_on_author", path, AuditAction.MISUSE_WARNED, warning)
    appeal(newsroom, sent)
    path = f"/api/v1/comments/{sent}"
    version = newsroom.as_staff().get(path).json["version"]
    again = {"verdict": "reject", "version": version, "reasons": ["threat"]}
    newsroom.as_staff(Role.ADMIN).post(f"{path}/decisions", again)
    answered = AuditAction.APPEAL_ANSWERED
    yield post("answer_appeal", f"{path}/appeal/answer", answered, {"answer": "No."})


def notice_calls(newsroom: Newsroom, sent: str) -> Iterator[Call]:
    notice = noticed(newsroom, sent)["notice"]
    path = f"/api/v1/notices/{notice}"
    passed = AuditAction.NOTICE_PASSED_ON
    yield call("pass_on_notice", "PUT", f"{path}/passed-on", passed, json={"to": "P"})
    yield post("export_evidence", f"{path}/evidence", AuditAction.EVIDENCE_EXPORTED)
    decision, decided = verdict(kept(sent), is_unfounded=True), "decide_notice"
    yield post(decided, f"{path}/decision", AuditAction.NOTICE_DECIDED, decision)
    session, moderator = db.session(), newsroom.staff_ids[Role.MODERATOR]
    start_writing(session)
    session.execute(sa.update(Notice).values(decided_by=moderator))
    session.commit()
    newsroom.as_site().post(f"{path}/complaint", {"text": "Again."})
    upheld = {"items": [], "answer": "It stays.", "outcome": "upheld"}
    action = AuditAction.NOTICE_COMPLAINT_DECIDED
    yield post("decide_complaint", f"{path}/complaint/decision", action, upheld)
    warning = {"kind": "warning", "reason": "Unfounded."}
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    suspension = {"kind": "suspension", "reason": "Unfounded.", "until": until}
    sender = f"{path}/sender/misuse"
    yield post("act_on_sender", sender, AuditAction.MISUSE_WARNED, warning)
    yield post("act_on_sender", sender, AuditAction.MISUSE_SUSPENDED, suspension)
    yield call("end_measure", "DELETE", "/api/v1/misuse/2", AuditAction.MISUSE_ENDED)
    why = {"reason": "A summons."}
    yield post(
        "reveal_sender", f"{path}/sender/reveal", AuditAction.EMAIL_REVEALED, why
    )
    entered = {"body": "A", "filed_on": "2025-03-01"}
    about = {**entered, "notice": notice}
    recorded = AuditAction.DISPUTE_RECORDED
    yield post("create_dispute", f"{SITE}/disputes", recorded, about)
    path, changed = "/api/v1/disputes/1", AuditAction.DISPUTE_CHANGED
    yield call("update_dispute", "PUT", path, changed, json=entered)
    yield call("delete_dispute", "DELETE", path, AuditAction.DISPUTE_REMOVED)
    yield call(
        "publish_report",
        "POST",
        f"{SITE}/published-reports",
        AuditAction.REPORT_PUBLISHED,
        query_string=DAYS,
        data=archive(),
        headers=BINARY,
    )


def other_calls(newsroom: Newsroom) -> Iterator[Call]:
    comment_id = newsroom.send()["id"]
    policy = newsroom.as_staff(Role.ADMIN).get(f"{SITE}/policy").json
    kept = {name: policy[name] for name in policy if name not in {"id", "created_at"}}
    yield Call(
        id="replace_policy",
        method="PUT",
        path=f"{SITE}/policy",
        action=AuditAction.POLICY_CHANGED,
        arguments={"json": {**kept, "default": "pre"}},
    )
    article = quote(comment()["article"], safe="")
    yield Call(
        id="set_openness_as_staff",
        method="PUT",
        path=f"{SITE}/articles/{article}/openness",
        action=AuditAction.ARTICLE_OPENNESS_SET,
        arguments={"json": {"setting": "closed"}},
    )
    yield Call(
        id="set_openness",
        method="PUT",
        path=f"/api/v1/articles/{article}/openness",
        action=AuditAction.ARTICLE_OPENNESS_SET,
        arguments={"json": {"setting": "open"}},
        actor_kind=ActorKind.SITE_KEY,
    )
    yield Call(
        id="read_lineage",
        method="GET",
        path=f"{SITE}/comments/{comment_id}/models",
        action=AuditAction.LINEAGE_READ,
    )
    export = newsroom.as_staff(Role.ADMIN).post(f"{SITE}/exports", {}).json["id"]
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    services = services_of(newsroom.app)
    work = duties.build(sessions, services.scoring, services.lineage_key)
    while loops.run_next(sessions, work, JobKind.EXPORT):
        pass
    path = f"{SITE}/exports/{export}/file"
    yield call("download_export", "GET", path, AuditAction.COMMENTS_EXPORTED)
    while loops.run_next(sessions, work, JobKind.TRANSPARENCY):
        pass
    files = f"{SITE}/transparency-files"
    made = newsroom.as_staff(Role.ADMIN).get(files).json["files"][0]["id"]
    path = f"{files}/{made}/file"
    name = "download_transparency_file"
    yield call(name, "GET", path, AuditAction.REPORT_EXPORTED)
    yield Call(
        id="delete_comment",
        method="DELETE",
        path=f"/api/v1/comments/{comment_id}",
        action=AuditAction.COMMENT_ERASED,
        actor_kind=ActorKind.SITE_KEY,
    )
    body = {"login": "gazette-admin", "password": "staple battery horse 4712"}
    yield post("log_in", "/api/v1/session", AuditAction.LOGGED_IN, body)
    yield Call(
        id="log_out",
        method="DELETE",
        path="/api/v1/session",
        action=AuditAction.LOGGED_OUT,
    )


def staff_calls(newsroom: Newsroom) -> Iterator[Call]:
    admin, ada = newsroom.as_staff(Role.ADMIN), f"{SITE}/staff/ada"
    roles = {"roles": [{"role": "lead"}]}
    body = {"login": "ada", **roles}
    yield post("invite_staff", f"{SITE}/staff", AuditAction.STAFF_ADDED, body)
    changed = AuditAction.ROLE_CHANGED
    yield call("update_roles", "PUT", ada, changed, json=roles)
    agency = {"agency": "Night Desk"}
    named = AuditAction.AGENCY_CHANGED
    yield call("set_agency", "PUT", f"{ada}/agency", named, json=agency)
    path = f"{ada}/password-link"
    yield post("create_password_link", path, AuditAction.LINK_CREATED)
    link = admin.post(path).json["url"].rpartition("/")[2]
    new = {"token": link, "password": "staple battery horse 4711"}
    used = post(
        "use_password_link",
        "/api/v1/account/password/link",
        AuditAction.PASSWORD_CHANGED,
        new,
    )
    yield replace(used, actor_kind=ActorKind.ANONYMOUS)
    ended = AuditAction.TOKENS_REVOKED
    yield call("end_staff_sessions", "DELETE", f"{ada}/sessions", ended)
    removed = AuditAction.FACTOR_REMOVED
    yield call("reset_second_factor", "DELETE", f"{ada}/second-factor", removed)
    identity, linked = f"{ada}/identity", AuditAction.IDENTITY_LINKED
    subject = {"subject": "248289761001"}
    yield call("link_identity", "PUT", identity, linked, json=subject)
    unlinked = AuditAction.IDENTITY_UNLINKED
    yield call("unlink_identity", "DELETE", identity, unlinked)
    yield post("disable_staff", f"{ada}/disable", AuditAction.STAFF_DISABLED)
    yield post("enable_staff", f"{ada}/enable", AuditAction.STAFF_ENABLED)
    yield call("remove_staff", "DELETE", ada, changed)
    account = "/api/v1/account"
    token = {"name": "script", "scopes": ["read"]}
    created = AuditAction.TOKEN_CREATED
    yield post("create_personal_token", f"{account}/tokens", created, token)
    token_id = admin.get(f"{account}/tokens").json["tokens"][0]["id"]
    path = f"{account}/tokens/{token_id}"
    yield call("revoke_personal_token", "DELETE", path, AuditAction.TOKEN_REVOKED)
    hidden = {"is_hidden": True}
    checklist = AuditAction.CHECKLIST_CHANGED
    yield call("update_setup", "PUT", f"{SITE}/setup", checklist, json=hidden)
    credentials = {"login": "gazette-admin", "password": PASSWORD}
    admin.post("/api/v1/session", credentials)
    session_id = admin.get(f"{account}/sessions").json["sessions"][0]["id"]
    path = f"{account}/sessions/{session_id}"
    yield call("end_session", "DELETE", path, AuditAction.LOGGED_OUT)
    yield call("end_other_sessions", "DELETE", f"{account}/sessions", ended)
    body = {"old_password": PASSWORD, "new_password": "staple battery horse 4712"}
    changed = AuditAction.PASSWORD_CHANGED
    yield call("change_password", "PUT", f"{account}/password", changed, json=body)


def key_calls() -> Iterator[Call]:
    keys, body = f"{SITE}/keys", {"name": "CMS", "scopes": ["submit"]}
    yield post("create_site_key", keys, AuditAction.KEY_CREATED, body)
    rotated = AuditAction.KEYS_EXPIRED
    yield post("rotate_site_key", f"{keys}/2/rotation", rotated, {})
    yield call("revoke_site_key", "DELETE", f"{keys}/3", AuditAction.KEY_REVOKED)


def setting_up_calls() -> Iterator[Call]:
    read = Integrations().as_json()
    change = {
        **read,
        "home": "https://b.example",
        "seen_version": Integrations().version,
    }
    path = f"{SITE}/integrations"
    changed = AuditAction.INTEGRATIONS_CHANGED
    yield call("update_integrations", "PUT", path, changed, json=change)
    secret = {"secret": "empsec_0123456789abcdef"}
    created = AuditAction.SECRET_CREATED
    yield post("create_coral_secret", f"{path}/coral-secret", created, secret)
    path, folded = f"{SITE}/article-addresses", AuditAction.FOLDING_CHANGED
    change = {"ignored": ["www"]}
    yield call("update_article_addresses", "PUT", path, folded, json=change)
    exported = AuditAction.AUDIT_EXPORTED
    yield call("export_audit_log", "GET", "/api/v1/audit/file", exported)
    added = AuditAction.SITE_ADDED
    yield post("create_site", "/api/v1/sites", added, {"name": "weekly"})


def person_calls(newsroom: Newsroom) -> Iterator[Call]:
    comment_id = newsroom.send(author_email="p@mail.example")["id"]
    persons, body = f"{SITE}/persons", {"email": "p@mail.example"}
    read = AuditAction.PERSON_EXPORTED
    yield post("summarize_person", f"{persons}/summary", read, body)
    yield post("export_person", f"{persons}/export", read, body)
    yield post("export_person_page", f"{persons}/page", read, body)
    linked = AuditAction.PERSON_LINK_CREATED
    yield post("create_person_link", f"{persons}/link", linked, body)
    by_site = post("create_person_link_as_site", "/api/v1/person-links", linked, body)
    yield replace(by_site, actor_kind=ActorKind.SITE_KEY)
    right = {**body, "right_name": "Ada B."}
    corrected = AuditAction.PERSON_RECTIFIED
    yield post("rectify_person", f"{persons}/correction", corrected, right)
    path, clocks = f"{SITE}/retention", {"clocks": [{"data": "notes", "days": 7}]}
    changed = AuditAction.RETENTION_CHANGED
    yield call("update_retention", "PATCH", path, changed, json=clocks)
    hold = {"comment": comment_id, "reason": "Court"}
    yield post("place_hold", f"{SITE}/holds", AuditAction.HOLD_PLACED, hold)
    lifted = AuditAction.HOLD_LIFTED
    yield call("lift_hold", "DELETE", f"{SITE}/holds/1", lifted)
    asked = AuditAction.ERASURE_REQUESTED
    yield post("erase_person", f"{SITE}/erasures", asked, body)


def every_call(newsroom: Newsroom) -> Iterator[Call]:
    yield from model_calls()
    yield from import_calls(newsroom)
    yield from rule_calls()
    yield from brake_calls(newsroom)
    yield from webhook_calls()
    yield from notification_calls(newsroom)
    yield from key_calls()
    yield from staff_calls(newsroom)
    yield from author_calls(newsroom)
    yield from setting_up_calls()
    yield from legal_calls(newsroom)
    yield from person_calls(newsroom)
    yield from other_calls(newsroom)


def test_every_operation_is_recorded_or_says_why_not(
    app: Flask,
    newsroom: Newsroom,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retraining, "MIN_DECISIONS", 3)
    monkeypatch.setattr(staff_api, "_issuer", lambda: "https://login.example")
    decide_many(newsroom, sentences(3))
    adapter, called = app.url_map.bind("localhost"), set()
    for call in every_call(newsroom):
        who = newsroom.as_staff(Role.ADMIN)
        if call.actor_kind is ActorKind.SITE_KEY:
            who = newsroom.as_site()
        before = len(entries(session))
        answer = who.call(call.method, call.path, **call.arguments)
        assert answer.status_code < 300, (call.id, answer.text)
        path = call.path.partition("?")[0]
        endpoint, _ = adapter.match(path, method=call.method)
        assert endpoint.rpartition(".")[2] == call.id
        recorded = entries(session)[before:]
        assert call.action.value in {entry.action for entry in recorded}, call.id
        for entry in recorded:
            assert entry.actor_kind == call.actor_kind.value, call.id
            is_anonymous = call.actor_kind is ActorKind.ANONYMOUS
            assert (entry.actor_id is None) is is_anonymous
            assert entry.network is not None
        called.add(call.id)
    assert verify(session, AUDIT_KEY).fault is None
    changing = {each.id for each in operations() if each.method != "get"}
    assert changing - called - set(UNRECORDED) == set(), "new: record it, or say why"
    assert set(UNRECORDED) - changing == set(), "gone"
    assert called - changing == READING


#: Forms of the console that change something, and the entry that each must leave.
FORMS = {
    "/console/login": AuditAction.LOGGED_IN,
    "/console/account/second-factor": AuditAction.FACTOR_STARTED,
    "/console/account/second-factor/confirm": AuditAction.FACTOR_CONFIRMED,
    "/console/account/second-factor/recovery": AuditAction.CODES_RENEWED,
    "/console/account/second-factor/remove": AuditAction.FACTOR_REMOVED,
    "/console/account/sessions/end": AuditAction.TOKENS_REVOKED,
    "/console/account/password": AuditAction.PASSWORD_CHANGED,
    "/console/logout": AuditAction.LOGGED_OUT,
}
UNRECORDED_FORMS = {
    "/console/language": "changes a cookie",
    "/console/site": "changes a cookie",
    "/console/theme": "changes a cookie",
    "/console/notifications/<token>": "tests/notifications looks for its entry",
    "/console/password/<token>": "as use_password_link, which it calls",
    "/console/login/code": "the second half of a log-in, which is tested by itself",
}


def test_every_form_of_the_console_is_recorded_or_says_why_not(
    app: Flask, newsroom: Newsroom, session: Session, client: FlaskClient
) -> None:
    forms = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and "POST" in (rule.methods or ())
    }
    assert forms == set(FORMS) | set(UNRECORDED_FORMS)
    codes: list[str] = []
    for path, action in FORMS.items():
        data = {"login": "gazette-moderator", "password": PASSWORD}
        if path.endswith(("/recovery", "/remove")):
            data = {"code": codes.pop()}
        elif path.endswith("/confirm"):
            data = {"code": current_code(app, session)}
        elif path.endswith("/account/password"):
            new = "staple battery horse 4711"
            data = {"old": PASSWORD, "new": new}
        db.session.remove()
        answer = client.post(path, data=data)
        assert answer.status_code in {200, 303}, path
        if path.endswith(("/confirm", "/recovery")):
            codes = codes_in(answer.text)
        assert action.value in [entry.action for entry in entries(session)], path
    used = entries(session, AuditAction.RECOVERY_CODE_USED)
    assert len(used) == 2
    people = {entry.actor_id for entry in entries(session)[-8:]}
    assert people == {newsroom.staff_ids[Role.MODERATOR]}


def current_code(app: Flask, session: Session) -> str:
    session.rollback()
    factor = session.scalars(sa.select(SecondFactor)).one()
    privacy = services_of(app).privacy
    secret = privacy.open_factor(factor.sealed_secret, factor.staff_id)
    return pyotp.TOTP(secret).now()


def codes_in(page: str) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code></li>", page)


MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
#: What is typed for each command, `{…}` filled in.
COMMANDS: dict[str, list[str]] = {
    "add-key": ["gazette"],
    "add-site": ["herald"],
    "add-staff": ["bob", "--site", "gazette", "--password", PASSWORD],
    "audit export": [],
    "audit secret": [],
    "audit show": [],
    "audit verify": [],
    "backup": ["{folder}/backup.sqlite"],
    "cancel-job": ["--site", "gazette", "1"],
    "coral-secret": ["gazette", "--secret", "empsec_x"],
    "count-figures": ["--site", "gazette"],
    "export": ["--site", "gazette"],
    "export-examples": ["--site", "gazette"],
    "export-model": ["--site", "gazette", SHIPPED, "{folder}/model.out"],
    "import": ["csv", "{folder}/words.txt", "--site", "gazette"],
    "import-model": ["--site", "gazette", "{folder}/model.in"],
    "import-words": ["--site", "gazette", "{folder}/words.txt"],
    "integrate": ["gazette", "--protocols", "akismet"],
    "jobs": ["--site", "gazette"],
    "keys create": ["gazette", "--name", "CMS", "--scope", "submit"],
    "keys list": ["gazette"],
    "keys revoke": ["gazette", "2"],
    "keys rotate": ["gazette", "1"],
    "law": ["--site", "gazette", "--kind", "platform", "--also", "report"],
    "lineage": ["--site", "gazette", "0" * 13],
    "migrate": [],
    "models": ["--site", "gazette"],
    "person erase": ["ada@mail.example", "--site", "gazette", "--yes"],
    "person export": ["ada@mail.example", "--site", "gazette"],
    "person link": ["ada@mail.example", "--site", "gazette"],
    "person rectify": ["reader-1", "--site", "gazette", "--name", "Ada B."],
    "person verify": ["{folder}/receipt.json"],
    "promote": ["--site", "gazette", "nowhere-1"],
    "rescore": ["--site", "gazette"],
    "reset-second-factor": ["gazette-admin"],
    "retention apply": ["--site", "gazette", "--dry-run"],
    "retention hold": ["--site", "gazette", "nowhere", "--reason", "Court"],
    "retention holds": ["--site", "gazette"],
    "retention lift": ["--site", "gazette", "1"],
    "retention set": ["--site", "gazette", "networks=14"],
    "retention show": ["--site", "gazette"],
    "rehearse": ["--site", "gazette"],
    "retrain": ["--site", "gazette"],
    "rollback": ["--site", "gazette"],
    "rotate-key": ["gazette"],
    "secrets end": ["--yes", "email"],
    "secrets replace": [],
    "secrets status": [],
    "sites list": [],
    "sites fold-addresses": ["--site", "gazette", "--trailing-slash"],
    "sites merge-articles": ["--site", "gazette"],
    "staff disable": ["gazette-lead"],
    "staff enable": ["gazette-lead"],
    "staff end-sessions": ["gazette-lead"],
    "staff link": ["gazette-lead", "--subject", "248289761001"],
    "staff unlink": ["gazette-lead"],
    "staff invite": ["ada", "--site", "gazette"],
    "staff list": ["--site", "gazette"],
    "staff reset-password": ["gazette-lead"],
    "staff role": ["gazette-lead", "--site", "gazette", "--role", "moderator"],
    "transparency report": ["--site", "gazette", *MARCH, "--out", "{folder}/report"],
    "transparency statements": ["--site", "gazette", *MARCH, "--out", "{folder}/s"],
    "what-if": ["--site", "gazette"],
}
UNRECORDED_COMMANDS = {
    "restore": "fills another database; tests/cli/test_backups.py looks for its entry",
    "carry-thresholds": "opens a database for --site alone, as recorded below",
    "doctor": "reads no content; tests/cli/test_doctor.py looks for its entry of --fix",
    "init": "begins another database; tests/cli/test_setup.py looks for its entry",
    "serve": "serves until it is stopped, as gunicorn does",
    "completion": "prints a script, and opens no database",
    "demo": "serves until it is stopped; tests/docs run it",
    "worker": "works until it is stopped; tested below",
}


def names_of(group: click.Group, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from names_of(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


@on_sqlite
def test_every_command_is_recorded_or_says_why_not(
    newsroom: Newsroom,
    session: Session,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    assert set(names_of(main)) == {*COMMANDS, *UNRECORDED_COMMANDS}
    (tmp_path / "model.in").write_bytes(MODEL)
    (tmp_path / "words.txt").write_text("poker\n")
    (tmp_path / "receipt.json").write_text("{}")
    for name, typed in COMMANDS.items():
        words = [word.format(folder=tmp_path) for word in typed]
        before = len(entries(session))
        result = CliRunner(env=environment).invoke(main, [*name.split(), *words])
        assert result.exit_code in {0, 1}, (name, result.output)
        assert not result.exception or isinstance(result.exception, SystemExit), name
        run, *further = entries(session)[before:]
        assert (run.action, run.details) == ("command.run", {"command": name})
        for entry in (run, *further):
            assert entry.actor_kind == ActorKind.COMMAND_LINE.value
            assert entry.actor_id == os.getuid()
        is_of_site = "gazette" in typed
        assert (run.site_id == newsroom.site_id) is is_of_site, name
    assert verify(session, AUDIT_KEY).fault is None


@on_sqlite
def test_a_worker_is_recorded_when_it_starts(
    session: Session, environment: dict[str, str], tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "moderation", "worker"]
    variables = {**os.environ, **environment}
    with subprocess.Popen(words, cwd=tmp_path, env=variables) as worker:
        while not (found := entries(session)):
            assert worker.poll() is None
            time.sleep(0.05)  # until another process has started
        worker.send_signal(signal.SIGTERM)
    assert [entry.details for entry in found] == [{"command": "worker"}]


def log_in(newsroom: Newsroom, login: str, password: str) -> int:
    body = {"login": login, "password": password}
    return (
        Caller(newsroom.app.test_client(), "").post("/api/v1/session", body).status_code
    )


def test_a_failed_log_in_says_whose_and_not_what_was_typed(
    newsroom: Newsroom, session: Session
) -> None:
    assert log_in(newsroom, "gazette-lead", "not the password") == 401
    assert log_in(newsroom, "wilhelmina", "not the password") == 401
    known, unknown = entries(session, AuditAction.LOGIN_FAILED)
    assert (known.target_kind, known.target_id) == (
        "staff",
        newsroom.staff_ids[Role.LEAD],
    )
    assert (unknown.target_kind, unknown.target_id) == (None, None)
    for entry in (known, unknown):
        assert entry.actor_kind == ActorKind.ANONYMOUS.value
        assert entry.network is not None
        row = repr(vars(entry))
        assert "wilhelmina" not in row
        assert "gazette-lead" not in row


def test_a_failed_log_in_stays_one_where_it_cant_be_recorded(
    newsroom: Newsroom, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    session.rollback()
    start_writing(session)
    session.execute(sa.text("ALTER TABLE audit_head RENAME TO audit_head_away"))
    session.commit()
    assert log_in(newsroom, "gazette-lead", "not the password") == 401
    assert "isn't recorded" in caplog.text


def test_a_lockout_is_recorded_with_how_long_it_lasts(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(MODERATION_LOGIN_LIMIT="2 per minute")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        for _ in range(2):
            assert log_in(newsroom, "gazette-lead", "not the password") == 401
        assert log_in(newsroom, "gazette-lead", "not the password") == 429
        session = db.session()
        assert len(entries(session, AuditAction.LOGIN_FAILED)) == 2
        (lockout,) = entries(session, AuditAction.LOCKED_OUT)
        assert lockout.target_id == newsroom.staff_ids[Role.LEAD]
        assert lockout.details == {"wait_seconds": 60}
