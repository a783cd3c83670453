"""`embed.js` on a page of another origin, as docs/embed.md says to use it.

The page has a strict policy for contents. Its address for comments is the code of
docs/embed.md, run as it stands there.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, Response
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.policy.thresholds import Moderation
from moderation.server.lanes import OVERLOADED
from moderation.sites import keys
from moderation.sites.keys import BROWSER_SCOPES, KeyScope, KeySettings
from moderation.web.services import services_of
from tests.browser.accessibility import violations
from tests.builders import NOTHING_HELD, Newsroom

GUIDE = (Path(__file__).parents[2] / "docs/embed.md").read_text()
HTML, COUNT, TEXTS = re.findall(r"```html\n(.*?)```", GUIDE, re.DOTALL)
(PYTHON,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
HURTFUL = "You are a complete idiot."
CALM = "I don't agree with you."
HELD = {"insult": {"review_at": 0.5, "reject_at": None}, **NOTHING_HELD}
STYLE = "body { font: 18px serif; color: rgb(1, 2, 3); margin: 8px; background: white }"


@dataclass
class NewsSite:
    """A page of a news site, on a server of its own."""

    url: str
    key: str  #: for its pages
    service: str
    lang: str = "en"
    head: str = ""
    html: str = HTML
    #: what its address for comments was sent
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def article(self) -> str:
        return f"{self.url}/bridge"

    def page(self) -> str:
        html = self.html
        for example, value in {
            "https://comments.example": self.service,
            "https://gazette.example": self.url,
            "https%3A%2F%2Fgazette.example": quote(self.url, safe=""),
            "KEY": self.key,
        }.items():
            html = html.replace(example, value)
        direction = "rtl" if self.lang == "ar" else "ltr"
        return (
            f'<!doctype html><html lang="{self.lang}" dir="{direction}"><head>'
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f'<title>The bridge</title><link rel="stylesheet" href="/site.css">'
            f"{self.head}</head><body><main><h1>The bridge</h1>{html}</main></body>"
        )

    def policy(self) -> str:
        return (
            f"default-src 'none'; style-src 'self'; script-src {self.service} 'self'; "
            f"connect-src 'self' {self.service}; require-trusted-types-for 'script'"
        )


def make_key(newsroom: Newsroom, scopes: frozenset[KeyScope], *origins: str) -> str:
    session = db.session()
    start_writing(session)
    _, secret = keys.create_key(
        session,
        newsroom.site_id,
        KeySettings(name="guide", scopes=scopes, origins=origins),
        hash_keys=services_of(newsroom.app).token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()
    return secret


@pytest.fixture
def site(
    newsroom: Newsroom, url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NewsSite]:
    """The news site of the guide, on another host than the service."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    origin = f"http://localhost:{server.server_port}"
    monkeypatch.setenv("SITE_URL", origin)
    monkeypatch.setenv("COMMENTS_URL", url)
    secret = make_key(newsroom, frozenset({KeyScope.SUBMIT}))
    monkeypatch.setenv("COMMENTS_KEY", secret)
    guide: dict[str, Any] = {"__name__": __name__}
    exec(compile(PYTHON, "docs/embed.md", "exec"), guide)
    served: Flask = guide["app"]
    made = NewsSite(
        url=origin, key=make_key(newsroom, BROWSER_SCOPES, origin), service=url
    )
    headers = {"Content-Security-Policy": made.policy()}
    texts = re.sub("</?script>", "", TEXTS)
    for path, answer in {
        "/bridge": lambda: Response(made.page(), 200, headers, "text/html"),
        "/site.css": lambda: Response(STYLE, mimetype="text/css"),
        "/texts.js": lambda: Response(texts, mimetype="text/javascript"),
    }.items():
        served.add_url_rule(path, path[1:].replace(".", "-"), answer)
    server.app = served
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(site: NewsSite, context: Callable[..., BrowserContext]) -> Iterator[Visit]:
    """Open the article as a reader; the browser blocks none of our files."""
    refused: list[str] = []

    def note(line: ConsoleMessage) -> None:
        if "Content Security" in line.text:
            refused.append(line.text)

    def opened(**settings: Any) -> Page:
        page = context(**settings).new_page()
        page.on("console", note)
        page.goto(site.article)
        return page

    yield opened
    assert refused == []


def write(page: Page, text: str) -> None:
    page.get_by_label("Name").fill("Rita Vale")
    page.get_by_label("Email").fill("rita.vale@mail.example")
    page.get_by_label("Comment", exact=True).fill(text)
    page.get_by_role("button", name="Post comment").click()


def comments(page: Page) -> Any:
    return page.locator("[data-comments] li")


def nudges(newsroom: Newsroom) -> dict[str, int]:
    """Return how authors took nudges, as a lead reads it."""
    days = {"from": "2020-01-01", "to": datetime.now(UTC).date().isoformat()}
    days["from"] = days["to"]
    lead = newsroom.as_staff(Role.LEAD)
    found = lead.get("/api/v1/sites/gazette/nudges", query_string=days).json["in_all"]
    return {name: found[name] for name in ("shown", "edited", "withdrawn", "sent")}


def test_a_page_of_another_origin_shows_the_thread(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    first = newsroom.send(article=site.article, body="First.\nSecond line.")["id"]
    newsroom.send(article=site.article, body="Last.")
    newsroom.send(article=site.article, body="A reply.", parent=first)
    site.html = HTML + COUNT
    page = visit()
    expect(page.get_by_role("heading", name="Comments (3)")).to_be_visible()
    texts = page.locator(".comments-text")
    expect(texts).to_have_text(["First.\nSecond line.", "A reply.", "Last."])
    expect(page.locator(f"#comment-{first} li")).to_contain_text("A reply.")
    expect(page.locator("[data-comments-count]")).to_have_text("3")
    expect(page.get_by_text("Read the comments")).to_have_count(0)  # for no script
    expect(texts.first).to_have_css("font-family", "serif")
    expect(texts.first).to_have_css("color", "rgb(1, 2, 3)")
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_comment_is_sent_through_the_site_and_shown(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    page = visit()
    expect(page.get_by_text("No comments yet.")).to_be_visible()
    write(page, "A fair point.")
    status = page.get_by_role("status").filter(has_text="published")
    expect(status).to_be_focused()
    expect(comments(page)).to_contain_text(["A fair point."])
    expect(page.get_by_role("heading", name="Comments (1)")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    assert "mail.example" not in page.locator("body").inner_text()
    link = status.get_by_role("link", name="Follow your comment")
    assert str(link.get_attribute("href")).startswith(f"{site.service}/status/")


def test_a_held_comment_is_not_shown_and_its_author_learns_why_not(
    newsroom: Newsroom, visit: Visit
) -> None:
    page = visit()
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE)
    write(page, "A fair point.")
    expect(page.get_by_role("status")).to_contain_text(["A moderator reads"])
    expect(comments(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("choice", "effect"),
    [("edit", "edited"), ("anyway", "sent"), ("leave", "withdrawn")],
)
def test_a_nudge_is_shown_and_its_effect_counted(
    newsroom: Newsroom, visit: Visit, choice: str, effect: str
) -> None:
    newsroom.set_policy(HELD)
    page = visit()
    with page.expect_response("**/api/v1/nudges"):
        write(page, HURTFUL)
    box = page.get_by_role("group", name="Some readers may find this hurtful")
    expect(box).to_be_focused()
    assert violations(page) == []
    assert comments(page).count() == 0
    if choice == "edit":
        box.get_by_role("button", name="Edit").click()
        expect(page.get_by_label("Comment", exact=True)).to_be_focused()
        page.get_by_label("Comment", exact=True).fill(CALM)
        expect(box).to_be_hidden()
        with page.expect_response("**/api/v1/nudges"):
            page.get_by_role("button", name="Post comment").click()
        expect(comments(page)).to_contain_text([CALM])
    elif choice == "anyway":
        with page.expect_response("**/api/v1/nudges"):
            box.get_by_role("button", name="Send anyway").click()
        expect(page.get_by_role("status")).to_contain_text(["A moderator reads"])
    expected = {"shown": 1, "edited": 0, "withdrawn": 0, "sent": 0, effect: 1}
    assert nudges(newsroom) == expected
    with newsroom.app.app_context():
        stored = "\n".join(
            str(row)
            for row in db.session.connection().exec_driver_sql(
                "SELECT * FROM nudge_counts"
            )
        )
    assert "idiot" not in stored


@pytest.mark.parametrize("fault", ["scores", "nudges"])
def test_nothing_that_fails_around_a_nudge_stops_a_comment(
    newsroom: Newsroom, visit: Visit, fault: str
) -> None:
    newsroom.set_policy(HELD)
    page = visit()
    page.route(f"**/api/v1/{fault}", lambda route: route.abort())
    write(page, HURTFUL)
    if fault == "nudges":
        page.get_by_role("button", name="Send anyway").click()
    expect(page.get_by_role("status")).to_contain_text(["A moderator reads"])


def test_a_lost_answer_keeps_the_text_and_makes_one_comment(
    newsroom: Newsroom, visit: Visit
) -> None:
    page = visit()
    page.route("**/comments", lambda route: (route.fetch(), route.abort()))
    write(page, "Only once.")
    expect(
        page.get_by_role("alert").filter(has_text="could not be sent")
    ).to_be_focused()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Only once.")
    page.unroute("**/comments")
    page.get_by_role("button", name="Post comment").dblclick()
    expect(page.get_by_role("status")).to_contain_text(["published"])
    expect(comments(page)).to_have_count(1)


def test_a_bad_field_is_named_next_to_it(visit: Visit) -> None:
    page = visit()
    page.locator("form").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_label("Email").fill("rita at home")
    page.get_by_label("Comment", exact=True).fill("A fair point.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_label("Email")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Email")).not_to_have_accessible_description(
        "It isn’t published."
    )
    expect(page.get_by_label("Comment", exact=True)).to_have_attribute(
        "aria-invalid", "false"
    )
    assert violations(page) == []


def test_replies_and_reports_work_by_keyboard(
    site: NewsSite, newsroom: Newsroom, visit: Visit, session: Session
) -> None:
    first = newsroom.send(article=site.article, author_name="Nora", body="First.")["id"]
    page = visit()
    reply = page.get_by_role("button", name="Reply to Nora")
    reply.press("Enter")
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    expect(page.locator(f"#comment-{first} form")).to_be_visible()
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(reply).to_be_focused()
    reply.press("Enter")
    write(page, "A reply.")
    expect(page.locator(f"#comment-{first} li")).to_contain_text(["A reply."])
    page.get_by_role("button", name="Report the comment by Nora").press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    assert violations(page) == []
    page.get_by_label("Reason").select_option("Threat")
    page.get_by_label("Note for the moderators").fill("Read the second line.")
    page.get_by_role("button", name="Send report").press("Enter")
    expect(page.get_by_text("Your report was sent.")).to_be_focused()
    path = f"/api/v1/comments/{first}/reports"
    (report,) = newsroom.as_staff().get(path).json["reports"]
    assert (report["reason"], report["note"]) == ("threat", "Read the second line.")


def test_markup_of_readers_is_text(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    text = (
        "<img src=x onerror=window.isTaken=1> <b>bold</b> &amp; {name} $& of the bridge"
    )
    newsroom.send(article=site.article, author_name="<i>Bob</i> $&", body=text)
    page = visit()
    expect(page.locator(".comments-text")).to_have_text(text)
    expect(page.locator("[data-comments] bdi")).to_have_text("<i>Bob</i> $&")
    expect(page.get_by_role("button", name="Reply to <i>Bob</i> $&")).to_be_visible()
    assert page.evaluate("window.isTaken") is None


def test_further_pages_follow_in_reading_order(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    first = newsroom.send(article=site.article, body="Number 0")["id"]
    for number in range(1, 52):
        newsroom.send(article=site.article, body=f"Number {number}", parent=first)
    page = visit()
    expect(comments(page)).to_have_count(50)
    page.get_by_role("button", name="More comments").click()
    expect(comments(page)).to_have_count(52)
    expect(page.locator(".comments-text").last).to_have_text("Number 51")
    expect(page.get_by_role("button", name="More comments")).to_be_hidden()
    expect(
        page.locator("[data-comments] li li").nth(49).locator("small a")
    ).to_be_focused()


def test_closed_comments_have_no_form(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    newsroom.send(article=site.article)
    path = f"/api/v1/articles/{site.article}/openness"
    assert newsroom.as_site().put(path, {"setting": "closed"}).status_code == 200
    page = visit()
    expect(page.get_by_text("Comments are closed.")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
    expect(page.get_by_role("button", name="Reply")).to_have_count(0)
    expect(page.get_by_role("button", name="Report")).to_have_count(1)


def test_the_thread_is_there_without_script(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    first = newsroom.send(article=site.article, author_name="Nora", body="First.")["id"]
    newsroom.send(article=site.article, body="<b>A reply.</b>", parent=first)
    page = visit(java_script_enabled=False)
    page.get_by_role("link", name="Read the comments").click()
    expect(page.locator(".text")).to_have_text(["First.", "<b>A reply.</b>"])
    expect(page.get_by_role("link", name="Nora")).to_have_attribute(
        "href", f"#comment-{first}"
    )
    page.get_by_role("link", name="Back to the article").click()
    assert page.url == site.article


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_page_for_no_script(
    site: NewsSite, newsroom: Newsroom, visit: Visit, scheme: str
) -> None:
    parent = None
    for _ in range(6):
        parent = newsroom.send(
            article=site.article, author_name="W" * 100, body="x" * 200, parent=parent
        )["id"]
    page = visit(color_scheme=scheme, viewport={"width": 360, "height": 740})
    article = quote(site.article, safe="")
    lang = "ar" if scheme == "dark" else "en"
    query = f"key={site.key}&article={article}&lang={lang}"
    page.goto(f"{site.service}/embed/thread?{query}")
    expect(page.locator("li")).to_have_count(6)
    assert violations(page) == []


def test_a_service_out_of_reach_leaves_the_page_as_it_was(
    visit: Visit, site: NewsSite
) -> None:
    site.key = "4t8w2m6x9k1d"  # revoked, or mistyped
    page = visit()
    expect(
        page.get_by_role("button", name="could not be loaded. Try again")
    ).to_be_visible()
    expect(page.get_by_role("link", name="Read the comments")).to_be_visible()


def test_a_busy_service_is_asked_again_when_it_says(
    visit: Visit, newsroom: Newsroom, site: NewsSite
) -> None:
    newsroom.send(article=site.article, body="The bridge is closed on Sundays.")
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        # As the server's main loop answers; the wait is shorter.
        head = OVERLOADED.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        headers = dict(line.split(": ", 1) for line in head)
        route.fulfill(status=503, headers={**headers, "Retry-After": "1"}, body="{}")

    page = visit()
    page.route(re.compile(r"/api/v1/articles/.+/comments\?"), refuse_once)
    page.reload()
    expect(page.get_by_text("The bridge is closed on Sundays.")).to_be_visible()
    assert refused


def test_a_page_of_another_site_is_not_served(
    newsroom: Newsroom, visit: Visit, site: NewsSite
) -> None:
    newsroom.send(article=site.article)
    site.key = make_key(newsroom, BROWSER_SCOPES, "https://gazette.example")
    page = visit()
    expect(page.get_by_role("button", name="could not be loaded")).to_be_visible()
    expect(comments(page)).to_have_count(0)


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window_and_axe_is_content(
    site: NewsSite, newsroom: Newsroom, visit: Visit, lang: str, width: int
) -> None:
    parent = None
    for depth in range(7):
        body = f"Depth {depth} https://long.example/" + "x" * 200
        name = "ليلى حداد" if depth % 2 else "W" * 100
        parent = newsroom.send(
            article=site.article, author_name=name, body=body, parent=parent
        )["id"]
    site.lang = lang
    page = visit(viewport={"width": width, "height": 800})
    expect(comments(page)).to_have_count(7)
    assert violations(page) == []
    report = "Report" if lang == "en" else "أبلغ"
    page.get_by_text(report, exact=True).first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if lang == "ar":
        expect(page.get_by_role("heading", level=2)).to_have_text("التعليقات (7)")
        expect(page.locator("[data-comments] > div")).to_have_css("direction", "rtl")
        edge = "(item) => item.getBoundingClientRect().right"
        outer, inner = (page.locator(each).first for each in ("li", "li li"))
        assert inner.evaluate(edge) < outer.evaluate(edge)  # moved in from the right


def test_digits_are_latin_in_arabic_too(
    site: NewsSite, newsroom: Newsroom, visit: Visit
) -> None:
    newsroom.send(article=site.article)
    site.lang, site.html = "ar-EG", HTML + COUNT
    page = visit()
    expect(page.locator("[data-comments-count]")).to_have_text("1")
    expect(page.get_by_role("heading", level=2)).to_contain_text("(1)")
    expect(page.locator("time").first).to_have_text(re.compile("[0-9]"))


def test_a_site_brings_its_own_texts(site: NewsSite, visit: Visit) -> None:
    site.lang, site.head = "nl-BE", '<script src="/texts.js"></script>'
    page = visit()
    expect(page.get_by_role("button", name="Plaatsen")).to_be_visible()
    expect(page.get_by_text("Nog geen reacties.")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_visible()  # English where it has none


def test_texts_come_from_the_folder_of_the_language(
    site: NewsSite, visit: Visit
) -> None:
    site.lang = "de-AT"
    page = visit()
    expect(page.get_by_role("button", name="Kommentar senden")).to_be_visible()
    assert page.locator("[data-comments] > div").get_attribute("lang") == "de"


def test_dark_pages_stay_dark(site: NewsSite, newsroom: Newsroom, visit: Visit) -> None:
    newsroom.send(article=site.article)
    page = visit()
    dark = "background: #111; color: #eee; color-scheme: dark"
    page.evaluate("(dark) => { document.body.style.cssText = dark; }", dark)
    expect(page.get_by_label("Name")).to_have_css("color", "rgb(238, 238, 238)")
    assert violations(page) == []
