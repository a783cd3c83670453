"""Reads JSON from a live site: guarded, patiently, and never elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from moderation.importing.files import UnreadableFile
from moderation.webhooks.guarded import open_guarded

TIMEOUT_SECONDS = (10, 30)  # to connect, to wait for the next bytes of an answer
WHOLE_SECONDS = 120.0  # one answer
MAX_ANSWER_BYTES = 32 << 20  # 100 comments of 64 KiB, twice, escaped
MAX_REDIRECTS = 5
ATTEMPTS = 6  # of one request
MAX_WAIT_SECONDS = 120.0  # that a site may ask for with Retry-After
BUSY = frozenset({429, 500, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
USER_AGENT = "comment-moderation-import/1"
API_RELATION = "https://api.w.org/"
ROOTS = ("wp-json/", "?rest_route=/")  # where it is if the home page names none


class LeadsInCircle(UnreadableFile):
    """The site leads in a circle."""

    code = "leads_in_circle"


@dataclass(frozen=True, kw_only=True)
class LiveAnswer:
    """An answer of a site, read to its end."""

    status: int
    url: str  #: after redirects
    headers: Mapping[str, str]  #: names in lower case
    links: Mapping[str, str]  #: relation to address, of the header `Link`
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON, and no error."""
        kind = self.headers.get("content-type", "")
        return self.status == 200 and "json" in kind

    def json(self) -> Any:
        """Return the value in the answer.

        Raises
        ------
        UnreadableFile
            If it is no JSON.
        """
        if not self.is_json:
            raise UnreadableFile(
                "The site answers a page where its REST API should be. A security "
                "plugin may have switched the API off."
            )
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise UnreadableFile("The site answers JSON that can't be read.") from None


@dataclass(kw_only=True)
class LiveSite:
    """A WordPress that is asked over its REST API, one request at a time."""

    url: str
    networks: Sequence[str]  #: private ones that may be reached
    user: str | None = None
    password: str | None = None  #: an application password
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    _root: str | None = None

    def find_root(self) -> str:
        """Return the address of the site's REST API, which its home page names.

        Raises
        ------
        UnreadableFile
            If it can't be reached, or names none of its own host.
        """
        if self._root is None:
            self._root = self._read_root()
        return self._root

    def _read_root(self) -> str:
        try:
            home = self.get(self.url)
            named, base = home.links.get(API_RELATION), home.url
        except LeadsInCircle:  # a guarded request names no port, and WordPress wants it
            named, base = None, self.url
        roots = [named] if named else ROOTS
        for place in roots:
            root = urljoin(base if named else base.rstrip("/") + "/", place)
            if not _is_same_host(base, root):
                raise UnreadableFile("The site names a REST API on another host.")
            if named or self._get_patiently(root).is_json:
                return root
        raise UnreadableFile(
            "The site has no REST API of WordPress. A security plugin may have "
            "switched it off."
        )

    def ask(self, path: str, **query: Any) -> LiveAnswer:
        """Return the answer of an operation of the REST API, such as `wp/v2/comments`.

        Raises
        ------
        UnreadableFile
            If the site refuses it, or can't be reached.
        """
        root, text = self.find_root(), urlencode(query)
        # Without pretty addresses, the path is a parameter: `/?rest_route=/`.
        address = f"{root}{path}{'&' if '?' in root else '?'}{text}"
        answer = self.get(address)
        if answer.status in (401, 403):
            raise UnreadableFile(self._refusal(answer.status))
        if answer.status >= 400:
            raise UnreadableFile(f"The site answers {answer.status} to {path}.")
        return answer

    def _refusal(self, status: int) -> str:
        if self.user is None:
            return (
                f"The site answers {status}: comments can't be read without an "
                "account. Name a user with --user."
            )
        return (
            f"The site answers {status} to this user and application password. The "
            "user needs the role editor or administrator. Apache with CGI drops the "
            "Authorization header: see docs/importing.md."
        )

    def get(self, address: str) -> LiveAnswer:
        """Return an answer; redirects are followed within the host.

        Raises
        ------
        UnreadableFile
            If the site can't be reached, is too busy, or leads to another host.
        """
        for _ in range(MAX_REDIRECTS):
            answer = self._get_patiently(address)
            if answer.status not in MOVED:
                return answer
            target = urljoin(address, answer.headers.get("location", ""))
            if not _is_same_host(address, target):
                host = urlsplit(target).hostname or "another host"
                raise UnreadableFile(
                    f"The site leads to {host}. Name that one instead."
                )
            address = target
        raise LeadsInCircle("The site leads in a circle.")

    def _get_patiently(self, address: str) -> LiveAnswer:
        wait_seconds = 1.0
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._get_once(address, is_last=attempt == ATTEMPTS)
            if answer is not None and answer.status not in BUSY:
                return answer
            if attempt < ATTEMPTS:
                asked = answer.headers.get("retry-after", "") if answer else ""
                seconds = float(asked) if asked.isascii() and asked.isdigit() else 0.0
                self.sleep(min(MAX_WAIT_SECONDS, max(wait_seconds, seconds)))
                wait_seconds *= 2
        status = answer.status if answer else "nothing"
        raise UnreadableFile(f"The site answered {status}, {ATTEMPTS} times.")

    def _get_once(self, address: str, *, is_last: bool) -> LiveAnswer | None:
        """Return an answer; None: there was none, and another attempt may help."""
        import requests  # slow to import
        from AntiSSRF import AntiSSRFError

        from moderation.webhooks.deadline import RequestDeadline

        is_plain = address.startswith("http://")
        auth = (self.user, self.password or "") if self.user else None
        try:
            with (
                open_guarded(self.networks, is_plain=is_plain) as http,
                RequestDeadline(http, WHOLE_SECONDS),
                http.get(
                    address,
                    auth=auth,
                    headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                body = _read_body(response)
        except AntiSSRFError:
            raise UnreadableFile(
                "This address can't be read: it is in a private network, or has no "
                "https. MODERATION_CALLBACK_NETWORKS allows private networks."
            ) from None
        except (requests.RequestException, OSError, ValueError) as error:
            if is_last:
                name = type(error).__name__
                raise UnreadableFile(f"The site can't be reached: {name}.") from None
            return None
        return LiveAnswer(
            status=response.status_code,
            url=address,
            headers={name.lower(): value for name, value in response.headers.items()},
            links={
                relation: link["url"]
                for link in response.links.values()
                for relation in [link.get("rel", "")]
            },
            body=body,
        )


def _read_body(response: Any) -> bytes:
    parts, size = [], 0
    for part in response.iter_content(1 << 16):
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise UnreadableFile("The site's answer is longer than 32 MiB.")
        parts.append(part)
    return b"".join(parts)


def _is_same_host(first: str, second: str) -> bool:
    """Tell whether two addresses are of one site; a password never becomes readable."""
    one, other = urlsplit(first), urlsplit(second)
    if other.scheme not in ("http", "https"):
        return False
    is_downgraded = one.scheme == "https" and other.scheme != "https"
    is_upgraded = one.scheme == "http" and other.scheme == "https"
    is_same_port = one.port == other.port or (is_upgraded and not one.port)
    return not is_downgraded and is_same_port and _bare(one) == _bare(other)


def _bare(parts: Any) -> str:
    return (parts.hostname or "").removeprefix("www.")
