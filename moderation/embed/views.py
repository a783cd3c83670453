"""Serves `embed.js`, and an article's thread as a page for readers without script."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.comments import published
from moderation.comments.published import PublishedEntry
from moderation.database import db
from moderation.embed.texts import find_language, script, thread_texts
from moderation.errors import InvalidFields
from moderation.languages.registry import LANGUAGES
from moderation.sites.keys import KeyScope
from moderation.sites.protocols import origin_of
from moderation.web.auth import admit_page
from moderation.web.caching import cache
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor
from moderation.web.fields import is_storable
from moderation.web.pages import answer_with_pages, harden
from moderation.web.services import services
from moderation.web.site_keys import limit_page

bp = Blueprint("embed", __name__, template_folder="templates")

FOLDER = "static"
SCRIPT_SECONDS = 3600  # for which a browser keeps the script
COMMENTS_ON_PAGE = 50
MAX_ARTICLE_LENGTH = 2048  # characters, as in `NewComment`
MAX_DEPTH_SHOWN = 4  # deeper replies aren't indented further


@dataclass(frozen=True, kw_only=True)
class ThreadLine:
    """A comment of the page, and the one that it replies to, if that is shown."""

    comment: PublishedEntry
    parent: PublishedEntry | None

    @property
    def level(self) -> int:
        """How far it is indented."""
        return min(self.comment.depth, MAX_DEPTH_SHOWN)


@bp.get("/embed.js")
def send_script() -> ResponseReturnValue:
    """Send the script; any page may load it, and check its hash."""
    response = Response(script(), mimetype="text/javascript")
    response.cache_control.public = True
    response.cache_control.max_age = SCRIPT_SECONDS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"  # for `integrity`
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/embed.css")
def send_style() -> ResponseReturnValue:
    """Send the style of the thread page."""
    return send_from_directory(bp.root_path, f"{FOLDER}/embed.css")


@bp.get("/embed/thread")
def read_thread() -> ResponseReturnValue:
    """Show an article's comments, without script.

    The query holds a browser key, `article`, and, if wanted, `lang` and `after`.
    """
    site = admit_page(KeyScope.READ)
    limit_page(site, services().settings.read_limit, "pages")
    article = request.args.get("article", "")
    if not 0 < len(article) <= MAX_ARTICLE_LENGTH or not is_storable(article):
        raise InvalidFields({"article": ["Must be an article's address or ID."]})
    page = published.list_published(
        db.session(), site, article, after=_after(), limit=COMMENTS_ON_PAGE
    )
    shown = {comment.id: comment for comment in page.comments}
    lines = [
        ThreadLine(comment=each, parent=shown.get(each.parent or 0))
        for each in page.comments
    ]
    origins = site.key.origins if site.key else ()
    more = write_cursor([page.comments[-1].thread]) if page.has_more else None
    body = render_template(
        "embed/thread.html",
        lines=lines,
        query={name: request.args[name] for name in _kept()},
        next=more,
        is_first="after" not in request.args,
        # Anyone can make such an address: it leads nowhere but to the key's pages.
        back=article if origin_of(article) in origins else None,
        public_id=identifiers.encode,
    )
    return cache(Response(body), site)


def _kept() -> list[str]:
    """Return the parameters that lead on to the next page."""
    return [name for name in ("key", "article", "lang") if name in request.args]


def _after() -> str | None:
    if not request.args.get("after"):
        return None
    (thread,) = read_cursor(request.args["after"], 1)
    try:
        identifiers.read_thread(thread)
    except ValueError:
        raise refused_cursor() from None
    return thread


def _texts() -> dict[str, object]:
    language = find_language(request.args.get("lang", ""))
    direction = LANGUAGES[language].direction
    return {"language": language, "direction": direction, "t": thread_texts(language)}


bp.context_processor(_texts)
answer_with_pages(bp, "embed/refused.html", lambda _, message: message)


@bp.after_request
def _prepare(response: Response) -> Response:
    """Add the security headers; errors aren't cached."""
    if request.endpoint != "embed.send_script":
        harden(response)
        # The address holds the key, which is public, and the article.
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
