"""The whole way of a comment, through HTTP alone."""

from __future__ import annotations

from urllib.parse import quote

from tests.builders import ALL_HELD, Newsroom, comment

ARTICLE = "https://gazette.example/bridge"


def published(newsroom: Newsroom) -> list[str]:
    path = f"/api/v1/articles/{quote(ARTICLE, safe='')}/comments"
    answer = newsroom.as_site().get(path)
    assert answer.status_code == 200
    return [each["body"] for each in answer.json["comments"]]


def test_a_held_comment_appears_once_a_moderator_approves_it(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.as_site().post("/api/v1/comments", comment(body="Hold me."))
    assert sent.status_code == 201
    assert sent.json["status"] == "pending"
    assert sent.json["reasons"][0]["label"] == "toxicity"
    assert published(newsroom) == []

    moderator = newsroom.as_staff()
    queue = moderator.get("/api/v1/queue")
    (waiting,) = queue.json["comments"]
    assert waiting["body"] == "Hold me."
    path = f"/api/v1/comments/{waiting['id']}"
    assert moderator.put(f"{path}/claim").status_code == 200
    decided = moderator.post(
        f"{path}/decisions", {"verdict": "approve", "version": waiting["version"]}
    )
    assert decided.status_code == 201, decided.json
    assert published(newsroom) == ["Hold me."]
    assert moderator.get("/api/v1/queue").json["comments"] == []
    history = moderator.get(f"{path}/history").json
    assert [each["source"] for each in history["decisions"]] == ["policy", "person"]
    assert history["decisions"][1]["decided_by"] == "gazette-moderator"
