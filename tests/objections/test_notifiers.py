"""Who sent a notice: revealed to leads with a reason, and on the record."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.tables.audit import AuditEntry
from moderation.tables.legal import Notice
from tests.builders import Newsroom
from tests.comments.test_statements import switch_on
from tests.objections.test_notices import ADDRESS, NOTICES, noticed, queue_of
from tests.refusals import assert_refused


def test_a_sender_is_revealed_to_a_lead_and_on_the_record(
    newsroom: Newsroom, session: Session
) -> None:
    switch_on(newsroom)
    notice = noticed(newsroom, newsroom.send()["id"])["notice"]
    path, why = f"{NOTICES}/{notice}/sender/reveal", {"reason": "A court's summons."}
    assert_refused(newsroom.as_staff().post(path, why), 403)
    lead = newsroom.as_staff(Role.LEAD)
    assert_refused(lead.post(path, {}), 422, "reason")
    shown = lead.post(path, why)
    assert shown.json == {"name": "Nora Notifier", "email": ADDRESS}
    entry = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "email.revealed")
    ).one()
    assert (entry.target_kind, entry.reason) == ("notice", why["reason"])
    admin, asked = newsroom.as_staff(Role.ADMIN), {"email": ADDRESS}
    exported = admin.post("/api/v1/sites/gazette/persons/export", asked)
    assert exported.status_code == 200, exported.text
    (told,) = exported.json["address_revealed"]
    assert (told["by"], told["reason"]) == ("gazette-lead", why["reason"])
    session.rollback()
    start_writing(session)
    session.execute(sa.update(Notice).values(sealed_name=None, sealed_email=None))
    session.commit()
    assert queue_of(newsroom)["notices"][0]["has_sender"] is False
    assert_refused(lead.post(path, why), 404)
