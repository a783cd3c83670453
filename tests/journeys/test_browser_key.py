"""A key from a browser that can't read or erase, from its creation to its end."""

from __future__ import annotations

from moderation.accounts.staff import Role
from tests.builders import Caller, Newsroom, speak
from tests.refusals import assert_refused

PAGE = "https://gazette.example"
KEYS = "/api/v1/sites/gazette/keys"
FROM_PAGE = {"Origin": PAGE}


def test_an_admin_gives_a_page_a_key_and_takes_it_back(newsroom: Newsroom) -> None:
    speak(newsroom)
    admin = newsroom.as_staff(Role.ADMIN)
    wanted = {"name": "article page", "scopes": ["score", "report"], "origins": [PAGE]}
    too_much = {**wanted, "scopes": ["score", "manage"]}
    assert_refused(admin.post(KEYS, too_much), 422, "scopes")
    created = admin.post(KEYS, wanted).json
    page = Caller(newsroom.app.test_client(), created["secret"])

    sent = newsroom.send(body="As it was.")
    comment = f"/api/v1/comments/{sent['id']}"
    text = {"comment": {"text": "Hi."}, "requestedAttributes": {"TOXICITY": {}}}
    scored = page.post("/v1alpha1/comments:analyze", text, headers=FROM_PAGE)
    assert scored.status_code == 200
    report = {"reason": "insult", "reporter": "reader-1"}
    reported = page.post(f"{comment}/reports", report, headers=FROM_PAGE)
    assert reported.status_code == 201

    copied = page  # out of the page's source, and used by a script
    for answer in (
        copied.get(comment),
        copied.patch(comment, {"body": "Rewritten."}),
        copied.delete(comment),
    ):
        assert_refused(answer, 403)
        assert answer.json["code"] == "scope_missing"
    assert newsroom.as_site().get(comment).json["body"] == "As it was."

    assert admin.delete(f"{KEYS}/{created['id']}").json["scopes_lost"] == []
    assert_refused(page.post(f"{comment}/reports", report, headers=FROM_PAGE), 401)
    assert newsroom.as_site().get(comment).status_code == 200
