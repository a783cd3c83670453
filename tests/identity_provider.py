"""A real OpenID Connect provider on this machine, driven through its own pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from tests.conftest import absent

CLIENTS = Path(__file__).parent / "protocols" / "clients"
CLIENT_ID, CLIENT_SECRET = "moderation", "a-secret"
ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
ABORT = re.compile(r'href="([^"]+/abort)"')
TIMEOUT_SECONDS = 30
MAX_STEPS = 20

People = Mapping[str, Mapping[str, Any]]  # subject to claims


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """The running provider."""

    issuer: str

    def settings(self, roles: str) -> dict[str, str]:
        """Return the service's settings for this provider."""
        return {
            "MODERATION_OIDC_ISSUER": self.issuer,
            "MODERATION_OIDC_CLIENT_ID": CLIENT_ID,
            "MODERATION_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "MODERATION_OIDC_ROLES": roles,
        }

    def log_in(self, url: str, subject: str, *, denies: bool = False) -> str:
        """Follow the way from the service's redirect back to it; return the address.

        The log-in form is filled in, and the consent form sent or left.
        """
        with requests.Session() as browser:
            answer = self._open(browser, url)
            for _ in range(MAX_STEPS):
                if answer.is_redirect:
                    target = urljoin(answer.url, answer.headers["Location"])
                    if not target.startswith(self.issuer):
                        return target
                    answer = self._open(browser, target)
                    continue
                answer.raise_for_status()
                form = ACTION.search(answer.text)
                assert form, answer.text
                if 'name="login"' in answer.text:
                    fields = {"prompt": "login", "login": subject, "password": "x"}
                elif denies:
                    link = ABORT.search(answer.text)
                    assert link, answer.text
                    answer = self._open(browser, urljoin(answer.url, link[1]))
                    continue
                else:
                    fields = {"prompt": "consent"}
                answer = browser.post(
                    urljoin(answer.url, form[1]),
                    fields,
                    allow_redirects=False,
                    timeout=TIMEOUT_SECONDS,
                )
        raise AssertionError("the provider leads nowhere")

    def _open(self, browser: requests.Session, url: str) -> requests.Response:
        return browser.get(url, allow_redirects=False, timeout=TIMEOUT_SECONDS)


@contextmanager
def running(
    people: People,
    redirect_uris: Sequence[str],
    *,
    in_user_info: bool = True,
    jwks: Mapping[str, Any] | None = None,
) -> Iterator[IdentityProvider]:
    """Run the provider; skip without Node, and fail in CI.

    Parameters
    ----------
    in_user_info
        Whether profile and groups stand in the user info alone, as OpenID Connect
        has it, or in the ID token, too.
    jwks
        Its private keys; None: its own.
    """
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules" / "oidc-provider").is_dir():
        absent("Node with the clients of tests/protocols/clients (npm ci)")
    given = {
        "people": people,
        "redirect_uris": redirect_uris,
        "in_user_info": in_user_info,
        "jwks": jwks,
    }
    process = subprocess.Popen(
        [node, "provider.mjs", json.dumps(given)],
        cwd=CLIENTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://127.0.0.1:"), "the provider did not start"
        yield IdentityProvider(issuer=issuer)
    finally:
        process.communicate(timeout=TIMEOUT_SECONDS)
