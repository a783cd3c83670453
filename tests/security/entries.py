"""Who may call each endpoint, and how a call that succeeds looks: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from classifiers.pretrained import default_model
from tests.builders import PASSWORD, comment
from tests.security.callers import ADVERTISEMENT, MARKER


class Door(Enum):
    """Where an endpoint reads the caller's credential."""

    BEARER = "the Authorization header"
    COOKIE = "the console's cookie"
    FORM = "the form's field `api_key`, or the path"
    SIGNATURE = "Coral's signature"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Who may call an endpoint, and how.

    In `body` and `query`, `{name}` stands for an id of the attacked site's objects, or
    of its absent twin: see `World.ids`.
    """

    callers: frozenset[str]  #: of the attacked site; see `CALLERS`
    #: JSON for the API, fields of the form elsewhere, bytes as they are
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    door: Door = Door.BEARER
    #: parameters of the path that aren't the object of the parameter's name
    path: Mapping[str, str] = field(default_factory=dict)
    #: answer to the allowed, where it isn't a success, with the reason in a comment
    status: int | None = None
    #: a stranger's call succeeds, alike for what is another site's and what is absent
    is_alike_to_strangers: bool = False
    #: a caller who knows the path may write, as it holds a credential
    has_secret_path: bool = False
    #: who lacks the role is answered as if the object were absent
    is_hidden: bool = False
    #: that are served; empty: all that are routed
    methods: frozenset[str] = frozenset()


SHIPPED = default_model.load().version
ANYONE = frozenset({"nobody", "garbage", "guess", "key", "moderator", "lead", "admin"})
KEY = frozenset({"key"})
ADMINS = frozenset({"admin"})
LEADS = ADMINS | {"lead"}
STAFF = LEADS | {"moderator"}

WARNING = {"kind": "warning", "reason": "Again."}
NOTICE = {
    "comments": ["{noticed_id}"],
    "explanation": "It is untrue.",
    "name": "Nora",
    "email": "nora@mail.example",
    "good_faith": True,
}
BINARY = {"Content-Type": "application/octet-stream"}
PLAIN = {"Content-Type": "text/plain"}
REJECT = {"verdict": "reject", "reasons": ["spam"]}
WORDS = [{"kind": "words", "entries": ["casino"]}]
VIEW = {"name": "Mine", "filters": {"site": "{site}"}, "shared_with": "{site}"}
OF_SITE = {"site": "{site}"}
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
SPREAD = {**OF_SITE, "label": "spam"}
POLICY = {"thresholds": {}, "default": "pre"}
ANALYZE = {"comment": {"text": "A text."}, "requestedAttributes": {"TOXICITY": {}}}
AKISMET = {
    "api_key": "{credential}",
    "blog": "https://b.example/",
    "user_ip": "192.0.2.1",
    "comment_content": ADVERTISEMENT,
    "comment_author": "Ada",
    "permalink": f"https://{MARKER}.example/",
    "guid": "{comment_id}",
}
#: Of an imported model, which no gate has seen.
DESPITE = {"despite_gate": "It served us well at the other site."}


def _page(callers: frozenset[str] = STAFF, **more: Any) -> Entry:
    return Entry(callers=callers, door=Door.COOKIE, **more)


#: Ends with the new password, so that nothing changes.
WEAK = {"old_password": PASSWORD, "new_password": "short"}
NOBODYS = {"token_id": "=2147483647"}
INTEGRATIONS: dict[str, Any] = {
    "protocols": [],
    "home": None,
    "origins": [],
    "discard": False,
    "review_as_spam": False,
    "model_version": None,
    "unscored_as_highest": False,
}
MEMBER = {"roles": [{"role": "moderator", "sections": ["Sport"]}]}

#: What a person is notified of.
NOTIFIED = {
    "language": "en",
    "timezone": "Europe/Vienna",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "digest_hour": 8,
    "choices": {
        "overdue": [],
        "escalated": ["email"],
        "wave": ["chat"],
        "drift": [],
        "job_failed": [],
        "notice": [],
        "digest": ["email", "chat"],
    },
}
CHAT = {"url": "https://hooks.chat.example/services/1", "format": "slack"}
OF_CHAT = {"language": "en", "kinds": ["wave"], "includes_texts": False}

PERSON = {"author": "{author_id}"}

API: dict[str, Entry] = {
    "account.change_password": Entry(callers=STAFF, body=WEAK, status=422),
    "account.create_personal_token": Entry(
        callers=STAFF, body={"name": "script", "scopes": ["read"]}
    ),
    "account.end_other_sessions": Entry(callers=STAFF),
    "account.end_session": Entry(callers=STAFF, path=NOBODYS, status=404),
    "account.list_personal_tokens": Entry(callers=STAFF),
    "account.list_sessions": Entry(callers=STAFF),
    "account.revoke_personal_token": Entry(callers=STAFF, path=NOBODYS, status=404),
    # The link proves who the person is: the token is the credential.
    "account.use_password_link": Entry(
        callers=ANYONE, body={"token": "nowhere", "password": "short"}, status=404
    ),
    "alarms.list_drift_alerts": Entry(callers=ADMINS),
    "alarms.mark_drift_alert_seen": Entry(callers=ADMINS, is_hidden=True),
    "article_addresses.read_article_addresses": Entry(callers=ADMINS),
    "article_addresses.start_article_merging": Entry(callers=ADMINS, body={}),
    "article_addresses.update_article_addresses": Entry(
        callers=ADMINS, body={"ignored": ["www"]}
    ),
    "articles.count_published_comments": Entry(
        callers=KEY,
        query={"url": f"https://{MARKER}.example/"},
        is_alike_to_strangers=True,
    ),
    "articles.list_published_comments": Entry(callers=KEY, is_alike_to_strangers=True),
    "audit.export_audit_log": Entry(callers=ADMINS, query=OF_SITE),
    "audit.list_audit_entries": Entry(callers=ADMINS, query=OF_SITE),
    "audit.verify_audit_log": Entry(callers=ADMINS),
    "author_records.create_author_note": Entry(callers=STAFF, body={"text": "Seen."}),
    "author_records.lift_standing": Entry(callers=STAFF),
    "author_records.list_author_timeline": Entry(callers=STAFF),
    "author_records.list_authors": Entry(callers=STAFF, query=OF_SITE),
    "author_records.look_up_author": Entry(
        callers=STAFF, body={**OF_SITE, "email": "ada@mail.example"}
    ),
    "author_records.read_author": Entry(callers=STAFF),
    "author_records.replace_standing": Entry(
        callers=STAFF, body={"standing": "premoderated", "reason": "spam"}
    ),
    "author_records.reveal_author_email": Entry(
        callers=LEADS, body={"reason": "The police asked for it."}
    ),
    # No one has decided anything about this author.
    "author_records.undo_standing": Entry(callers=STAFF, status=409),
    "backtest.backtest_rule": Entry(
        callers=ADMINS, body={"rule": "{rule_id}", "days": 7}
    ),
    "batches.decide_range": Entry(
        callers=STAFF,
        body={**SPREAD, **REJECT, "low": 0, "high": 1, "as_of": "{as_of}"},
    ),
    "batches.list_batches": Entry(callers=STAFF, query=OF_SITE),
    "batches.read_batch": Entry(callers=STAFF),
    "batches.retry_batch": Entry(callers=STAFF, status=409),  # it has ended
    "batches.undo_batch": Entry(callers=STAFF),
    "brakes.brake_campaign": Entry(callers=STAFF, body={"hours": 1}),
    # Nothing got through: a person put it on.
    "brakes.hold_published": Entry(
        callers=STAFF, body={"as_of": "{as_of}"}, status=409
    ),
    "brakes.list_brakes": Entry(callers=STAFF, query=OF_SITE),
    "brakes.prolong_brake": Entry(callers=STAFF, body={"hours": 1}),
    "brakes.read_brake": Entry(callers=STAFF),
    "brakes.release_brake": Entry(callers=STAFF),
    "campaigns.decide_campaign": Entry(
        callers=STAFF,
        body={
            **REJECT,
            "version": "{campaign_version}",
            "as_of": "{as_of}",
            "hours": 1,
        },
    ),
    "campaigns.end_standing_decision": Entry(callers=STAFF),
    "campaigns.list_campaigns": Entry(callers=STAFF, query=OF_SITE),
    # There is one campaign alone, which can't be merged into itself.
    "campaigns.merge_campaign": Entry(
        callers=STAFF,
        body={"into": "{campaign_id}", "version": "{campaign_version}"},
        status=422,
    ),
    "campaigns.read_campaign": Entry(callers=STAFF),
    "comment_list.count_comments": Entry(callers=STAFF, query=OF_SITE),
    "comment_list.list_comments": Entry(callers=STAFF, query=OF_SITE),
    "comments.create_comment": Entry(
        callers=KEY,
        body=comment(parent="{comment_id}", article=f"https://{MARKER}.example/"),
    ),
    "comments.create_comments": Entry(callers=KEY, body={"comments": [comment()]}),
    "comments.delete_comment": Entry(callers=KEY),
    "comments.edit_comment": Entry(callers=KEY, body={"body": "Another text."}),
    "comments.read_comment": Entry(callers=KEY | STAFF),
    "desk.list_decided": Entry(callers=STAFF, query=OF_SITE),
    "desk.release_comments": Entry(callers=STAFF),
    "desk.reserve_comments": Entry(callers=STAFF, body={**OF_SITE}),
    "escalations.escalate_comment": Entry(callers=STAFF, body={"version": 1}),
    "escalations.withdraw_escalation": Entry(
        callers=STAFF, path={"comment_id": "escalated_id"}
    ),
    "exports.download_export": Entry(callers=ADMINS, is_hidden=True, status=409),
    "exports.list_exports": Entry(callers=STAFF),
    "exports.read_export": Entry(callers=ADMINS, is_hidden=True),  # asked for by no one
    "exports.start_export": Entry(callers=STAFF, body={}),
    "health.read_health": Entry(callers=ANYONE),
    "health.read_readiness": Entry(callers=ANYONE, status=503),  # no worker has run
    "jobs.cancel_job": Entry(callers=ADMINS, is_hidden=True),
    "jobs.list_jobs": Entry(callers=ADMINS),
    "system.read_system_status": Entry(callers=ADMINS),
    "metrics.read_metrics": Entry(callers=ANYONE, status=404),  # no token is set
    "jobs.read_job": Entry(callers=ADMINS, is_hidden=True),
    "jobs.retry_job": Entry(callers=ADMINS, is_hidden=True, status=409),  # none failed
    "integrations.create_coral_secret": Entry(
        callers=ADMINS, body={"secret": "empsec_0123456789abcdef"}
    ),
    "integrations.read_integrations": Entry(callers=ADMINS),
    "integrations.update_integrations": Entry(
        callers=ADMINS,
        body={**INTEGRATIONS, "seen_version": "0"},
        status=409,  # another version is stored
    ),
    "keys.create_site_key": Entry(
        callers=ADMINS, body={"name": "page", "scopes": ["score"]}
    ),
    "keys.list_site_keys": Entry(callers=ADMINS),
    "keys.revoke_site_key": Entry(callers=ADMINS),
    "keys.rotate_site_key": Entry(callers=ADMINS, body={}),
    "legal.list_author_statements": Entry(callers=STAFF),
    "legal.list_comment_statements": Entry(callers=KEY | STAFF),
    "legal.read_legal_settings": Entry(callers=STAFF),
    "legal.read_site_terms": Entry(callers=STAFF),
    "legal.read_terms": Entry(callers=KEY, is_alike_to_strangers=True),
    "legal.update_legal_settings": Entry(
        callers=ADMINS, body={"kind": None, "is_small": True}
    ),
    "legal.update_site_terms": Entry(
        callers=ADMINS, body={"seen_version": None, "clauses": {}}, status=409
    ),
    "disputes.create_dispute": Entry(
        callers=LEADS,
        body={"comment": "{comment_id}", "body": "A", "filed_on": "2025-03-01"},
    ),
    "disputes.delete_dispute": Entry(callers=LEADS, is_hidden=True),
    "disputes.list_disputes": Entry(callers=LEADS),
    "disputes.update_dispute": Entry(
        callers=LEADS, is_hidden=True, body={"body": "A", "filed_on": "2025-03-01"}
    ),
    "misuse.act_on_author": Entry(
        callers=LEADS, body=WARNING, status=409, is_hidden=True
    ),
    "misuse.act_on_sender": Entry(
        callers=LEADS,
        body=WARNING,
        path={"notice": "decided_notice"},
        is_hidden=True,
    ),
    "misuse.end_measure": Entry(callers=LEADS, is_hidden=True),
    "misuse.list_measures": Entry(callers=LEADS),
    "misuse.read_author_misuse": Entry(callers=LEADS, is_hidden=True),
    "misuse.read_sender_misuse": Entry(callers=LEADS, is_hidden=True),
    "misuse.reveal_sender": Entry(callers=LEADS, body={"reason": "A summons."}),
    "notices_api.create_complaint": Entry(
        callers=KEY, body={"text": "Please."}, path={"notice": "decided_notice"}
    ),
    "notices_api.create_flagger": Entry(
        callers=ADMINS, body={"name": "A", "reference": "B"}
    ),
    "notices_api.create_notice": Entry(callers=KEY, body=NOTICE),
    "notices_api.decide_complaint": Entry(
        callers=STAFF,
        body={"items": [], "answer": "It stays.", "outcome": "upheld"},
        status=409,  # there is none
    ),
    "notices_api.decide_notice": Entry(
        callers=STAFF,
        body={
            "items": [{"comment": "{noticed_id}", "outcome": "kept"}],
            "answer": "It stays.",
        },
    ),
    "notices_api.export_evidence": Entry(callers=STAFF),
    "notices_api.list_flaggers": Entry(callers=ADMINS),
    "notices_api.list_notices": Entry(callers=STAFF),
    "notices_api.pass_on_notice": Entry(callers=STAFF, body={"to": "Police"}),
    "notices_api.read_notice": Entry(callers=KEY),
    "notices_api.update_flagger": Entry(callers=ADMINS, body={"is_suspended": True}),
    # Of the file in the world, nothing has been uploaded.
    "imports.check_import": Entry(callers=ADMINS, body={}, status=409),
    "imports.create_import": Entry(
        callers=ADMINS, body={"files": [{"name": "export.xml", "size": 9}]}
    ),
    "imports.delete_import": Entry(callers=ADMINS),
    "imports.list_imports": Entry(callers=ADMINS),
    "imports.read_import": Entry(callers=ADMINS),
    "imports.start_import": Entry(callers=ADMINS, status=409),
    "imports.upload_import_part": Entry(
        callers=ADMINS,
        body=b"<rss>",
        query={"offset": 0},
        headers=BINARY,
        path={"number": "=0"},
        status=409,
    ),
    "learning.export_examples": Entry(callers=ADMINS),
    "learning.read_lineage": Entry(callers=ADMINS),
    "learning.start_comparison": Entry(
        callers=ADMINS, body={"first": "{version}", "second": SHIPPED}
    ),
    "learning.start_retraining": Entry(callers=ADMINS, status=409),  # one is queued
    "models.export_model": Entry(callers=ADMINS),
    "models.import_model": Entry(
        callers=ADMINS,
        body=b"no model",
        headers=BINARY,
        status=422,  # a real one is in the world already
    ),
    "models.list_models": Entry(callers=ADMINS),
    "models.promote_model": Entry(callers=ADMINS, body=DESPITE),
    "models.read_model": Entry(callers=ADMINS),
    "models.read_model_card": Entry(callers=ADMINS),
    "models.roll_back_model": Entry(callers=ADMINS, status=409),  # none was promoted
    # No rehearsal has ended.
    "rehearsal.read_rehearsal": Entry(callers=ADMINS, status=404),
    "rehearsal.start_rehearsal": Entry(callers=ADMINS, body={}),
    "notifications.delete_notification_chat": Entry(callers=STAFF),
    "notifications.delete_notification_email": Entry(callers=STAFF),
    "notifications.list_own_notifications": Entry(callers=STAFF),
    "notifications.read_notification_preferences": Entry(callers=STAFF),
    "notifications.replace_notification_preferences": Entry(
        callers=STAFF, body=NOTIFIED
    ),
    # No chat is set up.
    "notifications.send_test_notification": Entry(
        callers=STAFF, body={"channel": "chat"}, status=409
    ),
    "notifications.set_notification_chat": Entry(callers=STAFF, body=CHAT),
    # The service has no mail server.
    "notifications.set_notification_email": Entry(
        callers=STAFF, body={"email": "ada@mail.example"}, status=409
    ),
    "objections.create_appeal": Entry(
        callers=KEY,
        path={"comment_id": "decided_id"},
        body={"text": "Please look again."},
    ),
    "objections.list_reports": Entry(callers=STAFF),
    "objections.read_appeal": Entry(callers=KEY),
    "objections.report_comment": Entry(
        callers=KEY,
        path={"comment_id": "approved_id"},
        body={"reason": "spam", "reporter": "r-1"},
    ),
    "nudges.count_nudge": Entry(callers=KEY, body={"code": "hurts", "event": "shown"}),
    "nudges.read_nudges": Entry(callers=LEADS, query=DAYS),
    "objections.answer_appeal": Entry(
        callers=STAFF, body={"answer": "No."}, status=409
    ),
    "openness.read_house_rules": Entry(callers=KEY, is_alike_to_strangers=True),
    "openness.read_openness": Entry(callers=KEY, is_alike_to_strangers=True),
    "openness.read_openness_as_staff": Entry(callers=STAFF),
    "openness.set_openness": Entry(
        callers=KEY, body={"setting": "policy"}, is_alike_to_strangers=True
    ),
    "openness.set_openness_as_staff": Entry(callers=STAFF, body={"setting": "policy"}),
    "persons.answer_erasure": Entry(
        callers=ADMINS, body={"allow": False, "reason": "Not known to us."}
    ),
    "persons.check_receipt": Entry(callers=ADMINS, body={"receipt": {}}),
    "persons.create_person_link": Entry(callers=ADMINS, body=PERSON),
    "persons.create_person_link_as_site": Entry(callers=KEY, body=PERSON),
    "persons.erase_person": Entry(callers=ADMINS, body=PERSON),
    "persons.export_person": Entry(callers=ADMINS, body=PERSON),
    "persons.export_person_page": Entry(callers=ADMINS, body=PERSON),
    "persons.list_erasures": Entry(callers=ADMINS),
    "persons.read_erasure": Entry(callers=ADMINS),
    "persons.rectify_person": Entry(
        callers=ADMINS, body={**PERSON, "right_name": "Ada B."}
    ),
    "persons.summarize_person": Entry(callers=ADMINS, body=PERSON),
    "policies.list_policies": Entry(callers=ADMINS),
    "policies.read_policy": Entry(callers=STAFF),
    "policies.replace_policy": Entry(callers=ADMINS, body=POLICY),
    "publication.download_published_report": Entry(callers=LEADS),
    "publication.list_published_reports": Entry(callers=LEADS),
    "publication.publish_report": Entry(
        callers=ADMINS,
        query={"from": "2025-01-01", "to": "2025-12-31"},
        body=b"no archive",
        headers=BINARY,
        status=422,  # a real one is in the world already
    ),
    "queue.count_queue": Entry(callers=STAFF, query=OF_SITE),
    "queue.list_queue": Entry(callers=STAFF, query={"view": "{view_id}"}),
    "remarks.correct_labels": Entry(
        callers=STAFF,
        path={"comment_id": "decided_id"},
        body={"version": 2, "labels": {"spam": True}},
    ),
    "remarks.create_note": Entry(callers=STAFF, body={"text": "Look at this."}),
    "retention.count_due_data": Entry(callers=ADMINS),
    "retention.lift_hold": Entry(callers=ADMINS),
    "retention.list_holds": Entry(callers=ADMINS),
    "retention.place_hold": Entry(
        callers=ADMINS, body={"comment": "{comment_id}", "reason": "Court"}
    ),
    "retention.read_retention": Entry(callers=ADMINS),
    "retention.update_retention": Entry(callers=ADMINS, body={"mode": "anonymize"}),
    "review.claim_comment": Entry(callers=STAFF),
    "review.decide_comment": Entry(callers=STAFF, body={**REJECT, "version": 1}),
    "review.read_history": Entry(callers=STAFF),
    "review.release_comment": Entry(callers=STAFF),
    "cards.read_card": Entry(callers=STAFF),
    "site_notifications.delete_site_chat": Entry(callers=ADMINS),
    "site_notifications.list_site_notifications": Entry(callers=ADMINS),
    "site_notifications.read_site_notifications": Entry(callers=ADMINS),
    "site_notifications.replace_site_notifications": Entry(
        callers=ADMINS, body=OF_CHAT
    ),
    # No chat is set.
    "site_notifications.send_site_test": Entry(callers=ADMINS, status=409),
    "site_notifications.set_site_chat": Entry(callers=ADMINS, body=CHAT),
    "transparency.download_transparency_file": Entry(
        callers=LEADS, is_hidden=True, status=409
    ),
    "transparency.list_transparency_files": Entry(callers=LEADS),
    "transparency.read_transparency_file": Entry(callers=LEADS, is_hidden=True),
    "transparency.start_transparency_file": Entry(
        callers=LEADS,
        body={"kind": "report", **DAYS},
        status=409,  # one waits already
    ),
    "threads.read_thread": Entry(callers=STAFF),
    "review.undo_decision": Entry(
        callers=STAFF,
        body={"version": 1},
        status=409,  # nothing of the caller's own to undo
    ),
    "rules.create_rule": Entry(
        callers=ADMINS, body={"name": "A", "action": "hold", "conditions": WORDS}
    ),
    "rules.delete_rule": Entry(callers=ADMINS, query={"version": 1}),
    "rules.import_rule": Entry(
        callers=ADMINS,
        query={"rule": "{rule_id}", "version": 1},
        headers=PLAIN,
        body=b"casino\n",
    ),
    "rules.list_rule_versions": Entry(callers=STAFF),
    "rules.list_rules": Entry(callers=STAFF),
    "rules.read_rule": Entry(callers=STAFF),
    "rules.read_rule_entries": Entry(callers=STAFF),
    "rules.update_rule": Entry(callers=ADMINS, body={"version": 1, "name": "B"}),
    "sites.create_site": Entry(
        callers=ADMINS,
        body={"name": "new-site"},
        status=403,  # there is a site of which they are no admin
    ),
    "staff.create_password_link": Entry(callers=ADMINS),
    "staff.disable_staff": Entry(callers=ADMINS),
    "staff.enable_staff": Entry(callers=ADMINS, status=409),  # no one is disabled
    "staff.end_staff_sessions": Entry(callers=ADMINS),
    "staff.invite_staff": Entry(callers=ADMINS, body={"login": "newcomer", **MEMBER}),
    "staff.link_identity": Entry(
        callers=ADMINS,
        body={"subject": "sub-1"},
        status=409,  # no sign-on is set up
    ),
    "staff.list_staff": Entry(callers=ADMINS),
    "staff.remove_staff": Entry(callers=ADMINS),
    "staff.reset_second_factor": Entry(callers=ADMINS),
    "staff.unlink_identity": Entry(callers=ADMINS, status=409),
    "staff.update_roles": Entry(callers=ADMINS, body=MEMBER),
    "scores.score_texts": Entry(callers=KEY, body={"texts": [{"text": "Fine."}]}),
    "session.log_in": Entry(
        callers=ANYONE, body={"login": "a", "password": "b"}, status=401
    ),
    "session.log_out": Entry(callers=STAFF),
    "session.read_session": Entry(callers=STAFF),
    "shadow.count_blind_reviews": Entry(callers=STAFF),
    "shadow.create_blind_review": Entry(
        callers=STAFF, body={"comment": "{comment_id}", "is_harmful": True}
    ),
    "shadow.read_shadow": Entry(callers=ADMINS),
    "shadow.sample_shadow": Entry(callers=STAFF),
    "shadow.start_rescoring": Entry(
        callers=ADMINS, body={"version": "{version}", "days": 7}
    ),
    "shadow.start_shadow": Entry(callers=ADMINS, body={"version": "{version}"}),
    "shadow.stop_shadow": Entry(callers=ADMINS),
    "insights.download_insights": Entry(callers=LEADS, query=DAYS),
    "insights.read_insights": Entry(callers=LEADS, query=DAYS),
    "insights.read_setup": Entry(callers=ADMINS),
    "insights.set_agency": Entry(callers=ADMINS, body={"agency": "Night Desk"}),
    "insights.update_setup": Entry(callers=ADMINS, body={"is_hidden": True}),
    "overview.read_attention": Entry(callers=STAFF, query=OF_SITE),
    "overview.read_overview": Entry(callers=STAFF, query=OF_SITE),
    "team.read_team": Entry(callers=LEADS),
    "triage.read_score_histogram": Entry(callers=STAFF, query=SPREAD),
    "triage.sample_scores": Entry(callers=STAFF, query={**SPREAD, "low": 0, "high": 1}),
    "views.assign_view": Entry(
        callers=LEADS, body={"logins": [f"{MARKER}-gazette-lead"]}
    ),
    "views.create_view": Entry(callers=LEADS, body=VIEW),
    "views.delete_view": Entry(callers=LEADS),
    "views.list_views": Entry(callers=STAFF),
    "views.read_view": Entry(callers=STAFF),
    "views.replace_view": Entry(callers=LEADS, body=VIEW),
    "webhooks.create_webhook": Entry(
        callers=ADMINS,
        body={"url": "https://hooks.example/", "types": ["comment.held"]},
    ),
    "webhooks.delete_webhook": Entry(
        callers=ADMINS, is_hidden=True, query={"version": 1}
    ),
    "webhooks.list_deliveries": Entry(callers=ADMINS, is_hidden=True),
    "webhooks.list_webhooks": Entry(callers=ADMINS),
    "webhooks.read_webhook": Entry(callers=ADMINS, is_hidden=True),
    "webhooks.replay_delivery": Entry(
        callers=ADMINS,
        is_hidden=True,
        status=409,  # it waits to be sent already
    ),
    "webhooks.replay_failed_deliveries": Entry(callers=ADMINS, is_hidden=True),
    "webhooks.rotate_webhook_secret": Entry(
        callers=ADMINS, is_hidden=True, body={"version": 1}
    ),
    "webhooks.test_webhook": Entry(callers=ADMINS, is_hidden=True),
    "webhooks.update_webhook": Entry(
        callers=ADMINS,
        is_hidden=True,
        body={
            "version": 1,
            "url": "https://hooks.example/",
            "types": ["comment.held"],
            "is_on": False,
        },
    ),
    "whatif.propose_thresholds": Entry(callers=ADMINS, status=409),  # few comments
    "whatif.read_score_distribution": Entry(callers=ADMINS),
    "whatif.run_what_if": Entry(callers=ADMINS, body={"version": "{version}"}),
}

NO_LINK = {"token": "=nowhere"}

PAGES: dict[str, Entry] = {
    "api-docs.openapi_json": Entry(callers=ANYONE),
    "reference.asset": Entry(callers=ANYONE, path={"name": "=swagger-ui.css"}),
    "reference.page": Entry(callers=ANYONE),
    "reference.static": Entry(callers=ANYONE, path={"filename": "=reference.js"}),
    # The link proves who the author is: the token is the credential.
    "authors.appeal": Entry(
        callers=ANYONE, body={"text": "Please."}, has_secret_path=True
    ),
    "authors.miss": Entry(callers=ANYONE, path={"rest": "=x"}, status=404),
    "authors.read": Entry(callers=ANYONE),
    # The same for notifiers; the form is anybody's.
    "notices.complain": Entry(
        callers=ANYONE,
        body={"text": "Please."},
        path={"token": "notice_token"},
        has_secret_path=True,
        status=409,  # it isn't decided
    ),
    "notices.miss": Entry(callers=ANYONE, path={"rest": "=x"}, status=404),
    "notices.read": Entry(callers=ANYONE, path={"token": "notice_token"}),
    "notices.send": Entry(callers=ANYONE, body={"law": "x"}, status=422),
    "notices.write": Entry(callers=ANYONE),
    "authors.static": Entry(callers=ANYONE, path={"filename": "=authors.css"}),
    "embed.read_thread": Entry(callers=ANYONE, status=401),  # no key of a page
    "embed.send_script": Entry(callers=ANYONE),
    "embed.send_style": Entry(callers=ANYONE),
    # The link proves who the person is. No one has this one.
    "person.ask_erasure": Entry(callers=ANYONE, path=NO_LINK, status=404),
    "person.download": Entry(
        callers=ANYONE, path={**NO_LINK, "kind": "=json"}, status=404
    ),
    "person.miss": Entry(callers=ANYONE, path={**NO_LINK, "rest": "=x"}, status=404),
    "person.read": Entry(callers=ANYONE, path=NO_LINK, status=404),
    "console.begin_factor": _page(body={"password": PASSWORD}),
    "console.change_password": _page(
        body={"old": PASSWORD, "new": "short"}, status=422
    ),
    "console.end_other_sessions": _page(),
    "console.choose_language": _page(ANYONE, body={"language": "en", "back": "/"}),
    "console.choose_site": _page(ANYONE, body={"site": "all", "back": "/"}),
    "console.choose_theme": _page(ANYONE, body={"theme": "dark", "back": "/"}),
    "console.confirm_factor": _page(body={"code": "000000"}, status=401),  # none begun
    # Without a provider there is no such page.
    "console.finish_sign_on": _page(ANYONE, status=404),
    "console.judge_blind": _page(query=OF_SITE),
    "console.log_in": _page(ANYONE, body={"login": "a", "password": "b"}, status=401),
    "console.log_out": _page(ANYONE, status=303),  # to the form
    "console.miss": _page(ANYONE, path={"path": "=nowhere"}, status=404),
    "console.read_account": _page(),
    "console.read_alarms": _page(ADMINS, query=OF_SITE),
    "console.read_audit_log": _page(ADMINS, query=OF_SITE),
    "console.read_campaigns": _page(),
    "console.read_campaign": _page(),
    "console.read_comparison": _page(ADMINS, query=OF_SITE),
    "console.read_author": _page(),
    "console.read_authors": _page(),
    "console.read_comment": _page(),
    "console.read_comments": _page(),
    "console.read_decided": _page(status=302),  # to the list of comments
    "console.read_connections": _page(ADMINS, query=OF_SITE),
    "console.read_desk": _page(),
    "console.read_disputes": _page(LEADS, query=OF_SITE),
    "console.read_imports": _page(ADMINS, query=OF_SITE),
    "console.read_insights": _page(LEADS, query=OF_SITE),
    "console.read_jobs": _page(ADMINS, query=OF_SITE),
    "console.read_system": _page(ADMINS, query=OF_SITE),
    "console.read_rehearsal": _page(ADMINS, query=OF_SITE),
    "console.read_login": _page(ANYONE),
    "console.read_model": _page(ADMINS),
    "console.read_models": _page(ADMINS, query=OF_SITE),
    "console.read_moved": _page(ADMINS, path={"name": "=jobs"}, status=302),
    "console.read_overview": _page(),
    # No address has such a link.
    "console.confirm_address": _page(ANYONE, path={"token": "=nowhere"}, status=404),
    "console.read_confirmation": _page(ANYONE, path={"token": "=nowhere"}, status=404),
    "console.read_password_link": _page(ANYONE, path={"token": "=nowhere"}, status=404),
    "console.read_privacy": _page(ADMINS, query=OF_SITE),
    "console.read_queue": _page(status=302),  # to the list of comments
    "console.read_people": _page(ADMINS, query=OF_SITE),
    "console.read_policy_settings": _page(ADMINS, query=OF_SITE),
    "console.read_rules": _page(ADMINS),
    "console.read_settings": _page(ADMINS, status=302),  # to the first of its pages
    "console.read_shadow": _page(ADMINS, query=OF_SITE),
    "console.read_team": _page(LEADS),
    "console.read_transparency": _page(LEADS, query=OF_SITE),
    "console.read_texts": _page(ANYONE, path={"code": "=en"}),
    "console.read_law": _page(ADMINS, query=OF_SITE),
    "console.read_notices": _page(query=OF_SITE),
    "console.read_triage": _page(),
    "console.read_notifications": _page(ADMINS, query=OF_SITE),
    "console.read_webhooks": _page(ADMINS, query=OF_SITE),
    "console.remove_factor": _page(body={"code": "000000"}),
    "console.renew_recovery": _page(body={"code": "000000"}),
    "console.show_code": _page(ANYONE, body={"ticket": "x", "code": "0"}, status=303),
    "console.static": _page(ANYONE, path={"filename": "=shared/tokens.css"}),
    "console.start_sign_on": _page(ANYONE, status=404),
    "console.use_password_link": _page(
        ANYONE, path={"token": "=nowhere"}, body={"password": "short"}, status=404
    ),
    "entrance.lead": _page(ANYONE, status=302),
    "demo.miss": Entry(callers=ANYONE, path={"path": "=nowhere"}, status=404),
    "demo.read": Entry(callers=ANYONE),
    "demo.send": Entry(callers=ANYONE, body={"body": ""}, status=422),
    "demo.send_from_script": Entry(callers=ANYONE, status=415),  # a form's body
    "demo.static": Entry(callers=ANYONE, path={"filename": "=article.css"}),
}

COMPATIBILITY: dict[str, Entry] = {
    "akismet.serve": Entry(
        callers=KEY,
        door=Door.FORM,
        methods=frozenset({"POST"}),
        is_alike_to_strangers=True,  # a comment that the stranger's site hasn't sent
        path={"version": "=1.1", "call": "=submit-spam"},
        body=AKISMET,
    ),
    "akismet.serve_from_query": Entry(
        callers=KEY,
        door=Door.FORM,
        methods=frozenset({"POST"}),
        is_alike_to_strangers=True,
        query={"op": ".rest.akismet.com/1.1/submit-spam"},
        body=AKISMET,
    ),
    "azure.miss": Entry(callers=ANYONE, path={"rest": "=nowhere"}, status=404),
    "azure.name_language": Entry(callers=KEY, body=b"A text."),
    "azure.screen_text": Entry(callers=KEY, body=b"A text."),
    "coral.miss": Entry(callers=ANYONE, path={"rest": "=nowhere"}, status=404),
    "coral.moderate": Entry(
        callers=KEY,
        door=Door.SIGNATURE,
        body={"action": "NEW", "comment": {"body": "A text."}},
    ),
    "openai.miss": Entry(callers=ANYONE, path={"rest": "=nowhere"}, status=404),
    "openai.moderate": Entry(callers=KEY, body={"input": "A text."}),
    "perspective.analyze": Entry(callers=KEY, body=ANALYZE),
    "perspective.ask_before": Entry(callers=ANYONE),
    "perspective.discover": Entry(callers=ANYONE),
    "perspective.miss": Entry(callers=ANYONE, path={"rest": "=nowhere"}, status=404),
    "perspective.suggest_score": Entry(
        callers=KEY,
        body={
            "comment": {"text": "A text."},
            "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        },
    ),
}

ENTRIES: dict[str, Entry] = {**API, **PAGES, **COMPATIBILITY}
