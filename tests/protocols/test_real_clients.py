"""Clients that other people have published, unmodified, against a live gunicorn."""

from __future__ import annotations

import asyncio
import importlib
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import akismet
import httpx
import openai
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from moderation.compat.perspective.attributes import LABEL_OF, UNANSWERED
from tests.conftest import absent
from tests.protocols.conftest import Live

BLOG = "https://blog.example"
THANKS = "Thanks for making the web a better place."
AKISMETS_HOST = "rest.akismet.com"
INSULT = "You are a complete idiot."
VERDICTS = [("approve", False), ("review", False), ("reject", True)]


def redirected(request: httpx.Request, live: Live) -> httpx.Request:
    """Return the request as a hosts entry would lead it."""
    assert request.url.host == AKISMETS_HOST
    request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=live.port)
    return request


class ToUs(httpx.HTTPTransport):
    """Leads requests for Akismet's host to the service."""

    def __init__(self, live: Live) -> None:
        super().__init__()
        self.live = live

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Lead one request."""
        return super().handle_request(redirected(request, self.live))


class ToUsLater(httpx.AsyncHTTPTransport):
    """The same, without waiting."""

    def __init__(self, live: Live) -> None:
        super().__init__()
        self.live = live

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Lead one request."""
        return await super().handle_async_request(redirected(request, self.live))


def sent(text: str) -> dict[str, Any]:
    return {
        "comment_content": text,
        "comment_author": "Anna",
        "comment_author_email": "anna@mail.example",
        "permalink": f"{BLOG}/a",
    }


@pytest.mark.parametrize(("verdict", "is_spam"), VERDICTS)
def test_pypi_akismet(live: Live, text: str, verdict: str, is_spam: bool) -> None:
    config = akismet.Config(key=live.keys[verdict], url=BLOG)
    with (
        httpx.Client(transport=ToUs(live), timeout=20) as http,
        akismet.SyncClient.validated_client(config, http) as client,
    ):
        found = client.comment_check("198.51.100.7", **sent(text))
        assert found is akismet.CheckResponse(is_spam)
        admin = client.comment_check(
            "198.51.100.7", user_role="administrator", **sent(text + " 2")
        )
        assert admin is akismet.CheckResponse.HAM
        assert client.submit_spam("198.51.100.7", **sent(text)) is True
        assert client.submit_ham("198.51.100.7", **sent(text)) is True
        assert client.usage_limit()["limit"] == "none"
        assert client.verify_key("a" * 12, BLOG) is False


def test_pypi_akismet_async(live: Live, text: str) -> None:
    async def run() -> None:
        config = akismet.Config(key=live.keys["reject"], url=BLOG)
        async with httpx.AsyncClient(transport=ToUsLater(live), timeout=20) as http:
            client = await akismet.AsyncClient.validated_client(config, http)
            found = await client.comment_check("198.51.100.7", **sent(text))
            assert found is akismet.CheckResponse.SPAM
            assert await client.submit_ham("198.51.100.7", **sent(text)) is True

    # In a thread: Playwright leaves a running loop in that of the browser tests.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


def test_pypi_akismet_refuses_a_wrong_key(live: Live) -> None:
    config = akismet.Config(key="a" * 12, url=BLOG)
    with (
        httpx.Client(transport=ToUs(live), timeout=20) as http,
        pytest.raises(akismet.APIKeyError),
    ):
        akismet.SyncClient.validated_client(config, http)


def test_google_api_python_client_by_discovery(live: Live, text: str) -> None:
    client = build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=live.keys["approve"],
        discoveryServiceUrl=f"{live.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )
    body = {
        "comment": {"text": text},
        "requestedAttributes": {"TOXICITY": {}, "SPAM": {}},
        "languages": ["en"],
        "doNotStore": True,
    }
    found = client.comments().analyze(body=body).execute()
    score = found["attributeScores"]["TOXICITY"]["summaryScore"]
    assert (0 <= score["value"] <= 1, score["type"]) == (True, "PROBABILITY")
    suggestion = {
        "comment": {"text": text},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
        "clientToken": "c-1",
    }
    told = client.comments().suggestscore(body=suggestion).execute()
    assert told["clientToken"] == "c-1"
    every: dict[str, dict[str, str]] = {name: {} for name in (*LABEL_OF, *UNANSWERED)}
    body["requestedAttributes"] = every
    found = client.comments().analyze(body=body).execute()
    assert set(found["attributeScores"]) == set(LABEL_OF)
    assert set(found["attributesLeftOut"]) == UNANSWERED
    body["requestedAttributes"] = {"INCOHERENT": {}}
    with pytest.raises(HttpError, match="Unknown requested attribute: INCOHERENT"):
        client.comments().analyze(body=body).execute()
    client.close()


def test_azures_content_moderator_client(live: Live) -> None:
    """Microsoft's client as docs/migrate/azure.md sets it up."""
    name = "azure.cognitiveservices.vision.contentmoderator"
    try:
        microsoft: Any = importlib.import_module(name)
        errors: Any = importlib.import_module(f"{name}.models")
        credentials: Any = importlib.import_module("msrest.authentication")
    except ImportError:
        absent("azure-cognitiveservices-vision-contentmoderator")

    def client(key: str) -> Any:
        return microsoft.ContentModeratorClient(
            live.url, credentials.CognitiveServicesCredentials(key)
        )

    text = "You fucking idiot, write to jo@mail.example.org or call +44 20 7946 0958."
    moderation = client(live.keys["approve"]).text_moderation
    found = moderation.screen_text(
        "text/plain",
        io.BytesIO(text.encode()),
        language="eng",
        autocorrect=True,
        pii=True,
        classify=True,
    )
    assert found.status.code == 3000
    assert found.original_text == text
    assert found.language == "eng"
    assert found.classification.review_recommended is True
    assert found.classification.category3.score > 0.5
    assert 0 <= found.classification.category1.score <= 1
    assert [each.text for each in found.pii.email] == ["jo@mail.example.org"]
    assert [each.country_code for each in found.pii.phone] == ["UK"]
    assert ("fucking", 0) in [(each.term, each.list_id) for each in found.terms]
    assert text[found.terms[0].original_index :].startswith("fucking")
    html = io.BytesIO(b"<p>The ferry leaves at nine.</p>")
    plain = moderation.screen_text("text/html", html, classify=True)
    assert plain.classification.review_recommended is False
    assert (plain.terms, plain.pii) == (None, None)
    told = moderation.detect_language("text/plain", io.BytesIO(text.encode()))
    assert told.detected_language == "eng"
    for key, code in ((live.scoped["report"], "403"), ("a" * 32, "401")):
        with pytest.raises(errors.APIErrorException) as refused:
            client(key).text_moderation.screen_text("text/plain", io.BytesIO(b"Hi."))
        assert cast(Any, refused.value).error.error.code == code


def test_pypi_openai(live: Live, text: str) -> None:
    with openai.OpenAI(
        api_key=live.keys["approve"], base_url=f"{live.url}/v1", max_retries=0
    ) as client:
        found = client.moderations.create(input=text, model="omni-moderation-latest")
        (result,) = found.results
        assert result.flagged is False
        assert result.categories.self_harm is False
        assert 0 <= result.category_scores.harassment <= 1
        parts: Any = [{"type": "text", "text": INSULT}]
        flagged = client.moderations.create(input=parts).results
        assert [each.flagged for each in flagged] == [True]
        foreign = "Это очень плохая статья, и автор ничего не понимает в политике."
        listed = client.moderations.create(input=[text, foreign, INSULT]).results
        assert [each.flagged for each in listed] == [False, True, True]
        assert [each.categories.harassment for each in listed] == [False, False, True]
        assert listed[1].model_extra is not None
        assert listed[1].model_extra["error"]["code"] == "unsupported_language"
        with pytest.raises(openai.BadRequestError, match="language"):
            client.moderations.create(input=[foreign])
        with pytest.raises(openai.BadRequestError):
            client.moderations.create(input=[])
    with (
        openai.OpenAI(api_key="x", base_url=f"{live.url}/v1", max_retries=0) as wrong,
        pytest.raises(openai.AuthenticationError),
    ):
        wrong.moderations.create(input=text)


@pytest.mark.parametrize(("verdict", "is_spam"), VERDICTS)
def test_npm_akismet_api(live: Live, text: str, verdict: str, is_spam: bool) -> None:
    found = live.drive("akismet-api", verdict, text=text)
    assert found["unknown"]["error"] == "Invalid API key"
    del found["unknown"]
    assert found == {
        "verified": True,
        "refused": False,
        "checked": is_spam,
        "checkedByKey": is_spam,
        "honeypot": True,
        "spam": THANKS,
        "ham": THANKS,
    }


@pytest.mark.parametrize(("verdict", "is_spam"), VERDICTS)
def test_npm_akismet(live: Live, text: str, verdict: str, is_spam: bool) -> None:
    assert live.drive("akismet", verdict, text=text) == {
        "verified": True,
        "checked": is_spam,
        "spam": None,
        "ham": None,
    }


@pytest.mark.parametrize(("verdict", "is_spam"), VERDICTS)
def test_npm_cedx_akismet(live: Live, text: str, verdict: str, is_spam: bool) -> None:
    found = live.drive("cedx", verdict, text=text)
    assert found.pop("unknown")["error"]
    assert found == {
        "verified": True,
        "refused": False,
        "checked": is_spam,
        "admin": 0,
        "spam": {"value": None},
        "ham": {"value": None},
    }


def test_npm_perspective_api_client(live: Live, text: str) -> None:
    found = live.drive("perspective", text=text)
    assert set(found["found"]["attributeScores"]) == {"TOXICITY", "INSULT"}
    assert found["unknown"]["error"] == "Unknown requested attribute: INCOHERENT"
    assert found["wrong"]["error"] == "API key not valid. Please pass a valid API key."


def test_npm_openai(live: Live, text: str) -> None:
    found = live.drive("openai", text=text)
    assert [each["flagged"] for each in found["found"]["results"]] == [False, False]
    assert [each["flagged"] for each in found["mixed"]["results"]] == [False, True]
    assert found["mixed"]["results"][1]["error"]["code"] == "unsupported_language"
    assert found["wrong"] == {"status": 401, "code": "invalid_api_key"}
