"""Recorded actions, and the kinds of their targets."""

from __future__ import annotations

from enum import StrEnum


class AuditAction(StrEnum):
    """An action. A value never changes: it is part of what the chain hashes."""

    LOGGED_IN = "staff.logged_in"
    LOGIN_FAILED = "staff.login_failed"  #: a wrong password or code
    LOCKED_OUT = "staff.locked_out"  #: too many failed log-ins
    LOGGED_OUT = "staff.logged_out"
    SIGN_ON_REFUSED = "staff.sign_on_refused"  #: after the provider let them in
    IDENTITY_LINKED = "staff.identity_linked"  #: an account at the provider
    IDENTITY_UNLINKED = "staff.identity_unlinked"
    STAFF_ADDED = "staff.added"
    ROLE_CHANGED = "staff.role_changed"
    AGENCY_CHANGED = "staff.agency_changed"  #: for which one they work at a site
    STAFF_DISABLED = "staff.disabled"
    STAFF_ENABLED = "staff.enabled"
    LINK_CREATED = "staff.link_created"  #: with which a person sets a password
    PASSWORD_CHANGED = "staff.password_changed"  # noqa: S105 - a name
    TOKENS_REVOKED = "staff.tokens_revoked"  #: all of a person, or all but one
    TOKEN_CREATED = "token.created"  # noqa: S105 - a name; a personal API token
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - a name
    FACTOR_STARTED = "second_factor.started"  #: a secret was shown, not yet confirmed
    FACTOR_CONFIRMED = "second_factor.confirmed"
    FACTOR_REMOVED = "second_factor.removed"
    CODES_RENEWED = "second_factor.codes_renewed"
    RECOVERY_CODE_USED = "second_factor.recovery_code_used"
    SITE_ADDED = "site.added"
    CHECKLIST_CHANGED = "site.checklist_changed"  #: of its setup: hidden, or shown
    FOLDING_CHANGED = "site.folding_changed"  #: which spellings name one article
    ARTICLES_MERGED = "articles.merged"
    ARTICLE_OPENNESS_SET = "article.openness_set"  #: whether it takes comments
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    KEYS_EXPIRED = "key.expired"  #: older keys end, at once or after an overlap
    SECRET_CREATED = "secret.created"  # noqa: S105 - a name; of a compatibility API
    INTEGRATIONS_CHANGED = "integrations.changed"
    POLICY_CHANGED = "policy.changed"
    RULE_CREATED = "rule.created"
    RULE_CHANGED = "rule.changed"
    RULE_DELETED = "rule.deleted"
    BRAKE_PROLONGED = "brake.prolonged"  #: or put on by a person
    BRAKE_RELEASED = "brake.released"
    CAMPAIGN_MERGED = "campaign.merged"  #: into another one, by a person
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"  # noqa: S105 - a name
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_TESTED = "webhook.tested"
    DELIVERIES_REPLAYED = "webhook.replayed"
    NOTIFICATIONS_CHANGED = "notifications.changed"  #: what a person is notified of
    NOTIFICATION_EMAIL_SET = "notifications.email_set"  #: not yet confirmed
    NOTIFICATION_EMAIL_CONFIRMED = "notifications.email_confirmed"
    NOTIFICATION_EMAIL_DELETED = "notifications.email_deleted"
    NOTIFICATION_CHAT_SET = "notifications.chat_set"  #: a person's, or a site's
    NOTIFICATION_CHAT_DELETED = "notifications.chat_deleted"
    NOTIFICATION_TESTED = "notifications.tested"
    SITE_NOTIFICATIONS_CHANGED = "notifications.site_changed"
    MODEL_TRAINED = "model.trained"
    MODEL_IMPORTED = "model.imported"
    MODEL_EXPORTED = "model.exported"
    MODEL_PROMOTED = "model.promoted"
    MODEL_ROLLED_BACK = "model.rolled_back"
    SHADOW_STARTED = "shadow.started"
    SHADOW_STOPPED = "shadow.stopped"
    JOB_STARTED = "job.started"  #: queued by a person
    JOB_CANCELED = "job.canceled"
    JOB_RETRIED = "job.retried"
    EXAMPLES_EXPORTED = "examples.exported"
    COMMENTS_EXPORTED = "comments.exported"  #: the file was taken
    HISTORY_UPLOADED = "history.uploaded"  #: files, to be imported
    HISTORY_DISCARDED = "history.discarded"  #: uploaded files, not imported
    HISTORY_IMPORTED = "history.imported"
    HISTORY_EXPORTED = "history.exported"  #: all comments of a site, by command
    AUDIT_EXPORTED = "audit.exported"  #: the file was taken
    REPORT_EXPORTED = "transparency.report_exported"  #: the file was taken
    STATEMENTS_EXPORTED = "transparency.statements_exported"  #: the file was taken
    LINEAGE_READ = "lineage.read"
    COMMENT_ERASED = "comment.erased"
    COMMENT_ANONYMIZED = "comment.anonymized"  #: the text stays without its author
    HOLD_PLACED = "hold.placed"  #: a legal hold, on a comment or an article
    HOLD_LIFTED = "hold.lifted"
    PERSON_EXPORTED = "person.exported"  #: all that a site holds of a person
    PERSON_RECTIFIED = "person.rectified"  #: a name, link, or address was corrected
    PERSON_LINK_CREATED = "person.link_created"  #: with which a person sees it
    ERASURE_REQUESTED = "person.erasure_requested"
    ERASURE_REFUSED = "person.erasure_refused"
    PERSON_ERASED = "person.erased"  #: all of it is done, with a receipt
    RETENTION_CHANGED = "retention.changed"
    RETENTION_APPLIED = "retention.applied"  #: what was deleted at its time
    AUTHOR_LOOKED_UP = "author.looked_up"  #: by a whole email address
    AUTHOR_STANDING_SET = "author.standing_set"
    AUTHOR_STANDING_LIFTED = "author.standing_lifted"
    AUTHOR_STANDING_UNDONE = "author.standing_undone"
    AUTHOR_STANDING_ENDED = "author.standing_ended"  #: by itself, at its time
    LEGAL_CHANGED = "legal.changed"  #: which duties of the law a site switched on
    TERMS_CHANGED = "terms.changed"  #: another version of a site's clauses
    FLAGGER_CHANGED = "flagger.changed"  #: added, suspended, or let in again
    NOTICE_DECIDED = "notice.decided"
    NOTICE_COMPLAINT_DECIDED = "notice.complaint_decided"
    NOTICE_PASSED_ON = "notice.passed_on"  #: to an authority, says a person
    EVIDENCE_EXPORTED = "notice.evidence_exported"
    APPEAL_ANSWERED = "appeal.answered"  #: with reasons for the author
    MISUSE_WARNED = "misuse.warned"
    MISUSE_SUSPENDED = "misuse.suspended"
    MISUSE_ENDED = "misuse.ended"  #: before its time, by a person
    DISPUTE_RECORDED = "dispute.recorded"  #: one before an out-of-court body
    DISPUTE_CHANGED = "dispute.changed"
    DISPUTE_REMOVED = "dispute.removed"  #: entered by mistake
    REPORT_PUBLISHED = "transparency.report_published"  #: a version is kept for good
    EMAIL_REVEALED = "email.revealed"
    KEYS_REPLACED = "keys.replaced"  #: a part was brought to the key in use
    KEYS_ENDED = "keys.ended"  #: all of a purpose but the one in use
    COMMAND_RUN = "command.run"


class TargetKind(StrEnum):
    """The kind of a thing that an action is done to."""

    STAFF = "staff"
    SITE = "site"
    SITE_KEY = "site_key"
    SECRET = "secret"  # noqa: S105 - a name
    POLICY = "policy"
    RULE = "rule"
    BRAKE = "brake"
    CAMPAIGN = "campaign"
    WEBHOOK = "webhook"
    MODEL = "model"
    JOB = "job"
    ARTICLE = "article"
    COMMENT = "comment"
    AUTHOR = "author"
    NOTICE = "notice"
    FLAGGER = "flagger"
    MISUSE = "misuse"
    DISPUTE = "dispute"
    REPORT = "report"  #: a version of a published transparency report
    ERASURE = "erasure"  #: a request to erase a person's data
