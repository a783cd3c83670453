"""Azure Content Moderator's text screening: categories, terms, PII, and errors."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.compat.azure.markup import read_markup
from moderation.database import db
from moderation.sites.keys import KeyScope
from tests.api.test_rules import write
from tests.builders import DeafScorer, Newsroom, replace_default_scorer, speak
from tests.leaks.test_leaks import dump
from tests.protocols.conftest import scoped_key
from tests.refusals import on_sqlite

SCREEN = "/contentmoderator/moderate/v1.0/ProcessText/Screen"
LANGUAGE = "/contentmoderator/moderate/v1.0/ProcessText/DetectLanguage"
KIND = "The ferry leaves at nine, and it was never cheap."
RUDE = "You are a complete idiot and everybody knows it."
PROFANE = "I think this bridge is fucking ugly."
FOREIGN = "Это очень плохая статья, и автор ничего не понимает в политике."
LABELS = ("Category1", "Category2", "Category3")


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    return newsroom


def ask(
    site: Newsroom,
    text: str | bytes,
    query: str = "",
    *,
    path: str = SCREEN,
    key: str | None = None,
    **more: Any,
) -> Any:
    db.session.remove()
    more = {"content_type": "text/plain", **more}
    headers = {"Ocp-Apim-Subscription-Key": key or site.key}
    client = site.app.test_client()
    return client.post(f"{path}{query}", data=text, headers=headers, **more)


def test_a_text_is_screened_in_azures_shape(site: Newsroom) -> None:
    answer = ask(site, KIND, "/?language=eng&autocorrect=False&PII=True&classify=True")
    assert answer.status_code == 200
    body = answer.json
    scores = {name: body["Classification"].pop(name)["Score"] for name in LABELS}
    assert all(0 <= score < 0.5 for score in scores.values())
    assert len(body.pop("TrackingId")) == 32
    assert body == {
        "OriginalText": KIND,
        "NormalizedText": KIND,
        "Misrepresentation": None,
        "PII": {"Email": [], "IPA": [], "Phone": [], "Address": [], "SSN": []},
        "Classification": {"ReviewRecommended": False},
        "Language": "eng",
        "Terms": None,
        "Status": {"Code": 3000, "Description": "OK", "Exception": ""},
    }


def test_only_what_is_asked_for_is_answered(site: Newsroom) -> None:
    body = ask(site, KIND).json
    assert not {"Classification", "PII", "AutoCorrectedText"} & {*body}
    assert ask(site, KIND, "?autocorrect=true").json["AutoCorrectedText"] == KIND


@on_sqlite
@pytest.mark.parametrize(
    ("text", "category"),
    [
        (RUDE, "Category3"),
        ("I will find you and kill you.", "Category3"),
        ("Suck my cock, I want hot anal sex with you tonight.", "Category1"),
    ],
)
def test_a_category_is_the_highest_of_its_labels(
    site: Newsroom, text: str, category: str
) -> None:
    found = ask(site, text, "?classify=true").json["Classification"]
    assert found["ReviewRecommended"] is True
    assert found[category]["Score"] > 0.5
    assert found["Category2"] == found["Category1"]


@on_sqlite
def test_a_text_in_another_language_is_for_a_person(site: Newsroom) -> None:
    for text, query in ((FOREIGN, ""), (KIND, "&language=fra")):
        body = ask(site, text, f"?classify=true{query}").json
        found = body["Classification"]
        assert found["ReviewRecommended"] is True
        assert {found[name]["Score"] for name in LABELS} == {0.0}
        assert "language" in body["Status"]["Exception"]
    assert ask(site, FOREIGN).json["Language"] == "rus"


@on_sqlite
def test_profane_words_are_terms_of_the_built_in_list(site: Newsroom) -> None:
    (term,) = ask(site, PROFANE).json["Terms"]
    at = PROFANE.index("fucking")
    assert (term["Index"], term["OriginalIndex"], term["ListId"]) == (at, at, 0)
    assert term["Term"] == "fucking"


def test_words_of_the_sites_rules_are_terms_of_their_lists(site: Newsroom) -> None:
    words = {"kind": "words", "entries": ["casino", "poker"]}
    first = write(site, name="Gambling", action="hold", conditions=[words])["id"]
    other = {"kind": "words", "entries": ["ferry"]}
    tag = {"name": "Ferries", "action": "tag", "tag": "sea", "conditions": [other]}
    second = write(site, **tag)["id"]
    text = "😀 A casino on the ferry"
    body = ask(site, text, "?classify=true").json
    assert [(term["Term"], term["ListId"]) for term in body["Terms"]] == [
        ("casino", first),
        ("ferry", second),
    ]
    units = text.encode("utf-16-le")
    at = body["Terms"][0]["Index"]
    assert units[2 * at :].decode("utf-16-le").startswith("casino")
    assert body["Classification"]["ReviewRecommended"] is True  # the rule holds it
    (term,) = ask(site, text, f"?listId={second}").json["Terms"]
    assert term["Term"] == "ferry"
    unknown = ask(site, text, "?listId=12345")
    assert unknown.status_code == 400
    assert "listId" in unknown.json["Error"]["Message"]


def test_a_rule_that_needs_more_than_a_text_names_no_term(site: Newsroom) -> None:
    conditions = [{"kind": "words", "entries": ["ferry"]}, {"kind": "first_comment"}]
    write(site, name="New", action="hold", conditions=conditions)
    shadow = [{"kind": "words", "entries": ["cheap"]}]
    write(site, name="Trial", action="hold", mode="shadow", conditions=shadow)
    body = ask(site, KIND, "?classify=true").json
    assert body["Terms"] is None
    assert body["Classification"]["ReviewRecommended"] is False


@on_sqlite
def test_personal_data_is_told_in_azures_kinds(site: Newsroom) -> None:
    text = (
        "Write to jo@mail.example.org, call 4255550111 or +44 20 7946 0958 from "
        "198.51.100.7 or 2001:db8::1, number 544-56-7788, at 10:30:15."
    )
    found = ask(site, text, "?PII=true").json["PII"]
    for kind, values in {
        "Email": ["jo@mail.example.org"],
        "Phone": ["4255550111", "+44 20 7946 0958"],
        "IPA": ["198.51.100.7", "2001:db8::1"],
        "SSN": ["544-56-7788"],
        "Address": [],
    }.items():
        assert [datum["Text"] for datum in found[kind]] == values
        assert [datum["Index"] for datum in found[kind]] == [
            text.index(value) for value in values
        ]
    assert [datum["CountryCode"] for datum in found["Phone"]] == ["US", "UK"]
    assert [datum["SubType"] for datum in found["IPA"]] == ["IPV4", "IPV6"]


def test_markup_is_read_as_readers_see_it(site: Newsroom) -> None:
    html = "<p>This bridge is <b>fuc</b>king ugly &amp; cheap</p><!-- no -->"
    body = ask(site, html, content_type="text/html; charset=utf-8").json
    assert body["OriginalText"] == html
    assert body["NormalizedText"].strip() == "This bridge is fucking ugly & cheap"
    (term,) = body["Terms"]
    assert term["Term"] == "fucking"
    assert html[term["OriginalIndex"] :].startswith("fuc")
    assert body["NormalizedText"][term["Index"] :].startswith("fucking")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("1 < 2 &amp; 3 &lt; 4", "1 < 2 & 3 < 4"),
        ("a<br/>b", "a\nb"),
        ("x<script>y</script>z<style>q", "xz"),
        ("<!-- never ends", ""),
        ("&unknown; &#65; &#x42;", "&unknown; A B"),
        ("<" * 5 + "a", "<" * 5 + "a"),
    ],
)
def test_each_character_knows_its_place_in_the_markup(markup: str, text: str) -> None:
    found, places = read_markup(markup)
    assert found == text
    assert len(places) == len(text)
    assert places == sorted(places)
    assert all(0 <= place < len(markup) for place in places)


@on_sqlite
@pytest.mark.parametrize(
    ("text", "query", "content_type", "status"),
    [
        ("", "", "text/plain", 400),
        (" \n", "", "text/plain", 400),
        ("a" * 10_241, "", "text/plain", 400),
        (KIND, "?classify=perhaps", "text/plain", 400),
        (KIND, "?listId=x", "text/plain", 400),
        (KIND, "?listId=99999999999", "text/plain", 400),
        (KIND, "?language=" + "a" * 9, "text/plain", 400),
        ("{}", "", "application/json", 400),
    ],
)
def test_a_bad_request_is_refused_in_azures_shape(
    site: Newsroom, text: str, query: str, content_type: str, status: int
) -> None:
    answer = ask(site, text, query, content_type=content_type)
    assert answer.status_code == status
    assert set(answer.json) == {"Error"}
    assert answer.json["Error"]["Code"] == "BadRequest"
    assert answer.json["Error"]["Message"]


def test_a_key_is_read_wherever_azure_takes_it(site: Newsroom) -> None:
    client = site.app.test_client()
    for query, headers in [
        (f"?subscription-key={site.key}", {}),
        ("", {"Authorization": f"Bearer {site.key}"}),
    ]:
        db.session.remove()
        answer = client.post(f"{SCREEN}{query}", data=KIND, headers=headers)
        assert answer.status_code == 200


def test_wrong_keys_are_answered_as_azure_does(site: Newsroom) -> None:
    wrong = ask(site, KIND, key="a" * 32)
    assert (wrong.status_code, wrong.json["Error"]["Code"]) == (401, "401")
    assert "invalid subscription key" in wrong.json["Error"]["Message"]
    none = site.app.test_client().post(SCREEN, data=KIND)
    assert none.status_code == 401
    scoped = ask(site, KIND, key=scoped_key(site, KeyScope.REPORT))
    assert scoped.status_code == 403
    assert ask(site, KIND, key=scoped_key(site, KeyScope.SCORE)).status_code == 200


def test_a_protocol_that_is_off_is_refused(newsroom: Newsroom) -> None:
    assert ask(newsroom, KIND).status_code == 403


def test_one_call_too_many_is_told_when_to_come_again(make_app: Any) -> None:
    from tests.builders import open_newsroom

    app = make_app(MODERATION_COMPAT_LIMIT="1 per minute")
    with app.app_context():
        site = open_newsroom(app, "one")
        speak(site)
        assert ask(site, KIND).status_code == 200
        refused = ask(site, KIND)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_a_failed_scoring_is_an_error_and_no_score(site: Newsroom) -> None:
    replace_default_scorer(site.app, DeafScorer())
    answer = ask(site, KIND, "?classify=true")
    assert answer.status_code == 503
    assert answer.json["Error"]["Code"] == "ServiceUnavailable"


def test_a_language_is_named(site: Newsroom) -> None:
    for text, language in ((KIND, "eng"), (FOREIGN, "rus"), ("ok", "eng")):
        answer = ask(site, text, path=LANGUAGE)
        assert answer.json["DetectedLanguage"] == language
        assert answer.json["Status"]["Code"] == 3000


def test_nothing_of_a_text_is_stored_or_logged(
    site: Newsroom, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = "Xylophoneconcerto you idiot, write to jo@secret.example"
    assert ask(site, text, "?PII=true&classify=true").status_code == 200
    for place in (dump(session), caplog.text):
        assert "Xylophoneconcerto" not in place
        assert "secret.example" not in place


@on_sqlite
def test_another_path_or_method_is_not_found(site: Newsroom) -> None:
    client = site.app.test_client()
    for answer in (client.get(SCREEN), client.get("/contentmoderator/lists/v1.0/x")):
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["Error"]["Code"] == "404"
