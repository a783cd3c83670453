"""A notice of illegal content, from the public form to both answers."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.builders import Newsroom
from tests.comments.test_statements import switch_on
from tests.objections.test_notices import decide, illegal, queue_of, verdict

FORM = "/notices/new/gazette"
ENGLISH = {"Accept-Language": "en"}
TYPED = {
    "category": "ILLEGAL_OR_HARMFUL_SPEECH",
    "law": "§ 186 StGB",
    "explanation": "It calls a named nurse a thief.",
    "name": "Nora Notifier",
    "email": "nora@mail.example",
    "good_faith": "yes",
}


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def test_a_notice_from_the_form_to_both_answers(newsroom: Newsroom) -> None:
    client = newsroom.app.test_client()
    assert client.get(FORM).status_code == 404  # until the site switches it on
    switch_on(newsroom, kind="platform", is_small=False)
    sent = newsroom.send(body="Nurse Ida steals from the ward.")
    link = f"https://gazette.example/bridge#comment-{sent['id']}"
    page = text_of(client, f"{FORM}?comment={sent['id']}")
    assert sent["id"] in page
    assert "<script" not in page

    form = {**TYPED, "comments": link}
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(FORM, data=form, headers=foreign).status_code == 403
    incomplete = {**form, "good_faith": "", "comments": "https://other.example/1"}
    answer = client.post(FORM, data=incomplete, headers=ENGLISH)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The law asks you to confirm this." in page
    assert TYPED["explanation"] in page  # nothing has to be typed again
    answer = client.post(FORM, data=form)
    assert answer.status_code == 303
    status = answer.headers["Location"]
    receipt = text_of(client, status)
    assert "Your notice was received" in receipt
    assert "nora" not in receipt.lower()

    (listed,) = queue_of(newsroom)["notices"]
    assert (listed["channel"], listed["law"]) == ("form", TYPED["law"])
    decided = decide(newsroom, listed["notice"], verdict(illegal(sent["id"])))
    assert decided.status_code == 201, decided.text

    to_notifier = text_of(client, status)
    for words in ("It was removed as illegal.", "We looked into it.", "a court"):
        assert words in to_notifier
    to_author = text_of(client, re.sub(r"^https?://[^/]+", "", sent["status_url"]))
    for words in ("Statement of reasons", "§ 186 StGB", "A notice of illegal content"):
        assert words in to_author
    assert "Nora" not in to_author
    complaint = {"text": "Please remove the replies as well."}
    assert client.post(status, data=complaint).status_code == 303
    assert "Another member of staff will decide" in text_of(client, status)
    assert client.post(status, data={"text": "And more."}).status_code == 409


def test_the_form_is_no_flood_gate(newsroom: Newsroom) -> None:
    switch_on(newsroom)
    client = newsroom.app.test_client()
    statuses = {client.post(FORM, data={}).status_code for _ in range(21)}
    assert statuses == {422, 429}
