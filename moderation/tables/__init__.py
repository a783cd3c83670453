"""What is stored. Import the tables from here, so that all of them are known."""

from __future__ import annotations

from moderation.tables.campaigns import Batch, Campaign, Sketch, StandingVerdict
from moderation.tables.comments import (
    PENDING,
    PUBLISHED,
    REPORTED,
    TAUGHT,
    Article,
    Comment,
    Decision,
    Revision,
    Score,
)
from moderation.tables.compat import Callback, SiteSecret, Suggestion
from moderation.tables.events import WAITING, Delivery, Webhook
from moderation.tables.jobs import Job, JobLine
from moderation.tables.looks import Look
from moderation.tables.models import Alarm, BlindLook, Model, Promotion, SilentScore
from moderation.tables.objections import Appeal, Report
from moderation.tables.people import (
    Assignment,
    Membership,
    RecoveryCode,
    SavedView,
    SecondFactor,
    Staff,
    StaffToken,
)
from moderation.tables.rules import Rule, RuleConditions, RuleHit, RuleVersion
from moderation.tables.sites import Site, SiteKey, SitePolicy
from moderation.tables.team import Correction, Escalation, Note

__all__ = [
    "PENDING",
    "PUBLISHED",
    "REPORTED",
    "TAUGHT",
    "WAITING",
    "Alarm",
    "Appeal",
    "Article",
    "Assignment",
    "Batch",
    "BlindLook",
    "Callback",
    "Campaign",
    "Comment",
    "Correction",
    "Decision",
    "Delivery",
    "Escalation",
    "Job",
    "JobLine",
    "Look",
    "Membership",
    "Model",
    "Note",
    "Promotion",
    "RecoveryCode",
    "Report",
    "Revision",
    "Rule",
    "RuleConditions",
    "RuleHit",
    "RuleVersion",
    "SavedView",
    "Score",
    "SecondFactor",
    "SilentScore",
    "Site",
    "SiteKey",
    "SitePolicy",
    "SiteSecret",
    "Sketch",
    "Staff",
    "StaffToken",
    "StandingVerdict",
    "Suggestion",
    "Webhook",
]
