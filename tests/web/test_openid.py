"""ID tokens: what a forged or misdirected one is refused for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from moderation import config, create_app
from moderation.errors import ConfigurationError, SignOnFailed
from moderation.web.openid import OpenIdProvider, error_code
from tests.builders import ENVIRONMENT
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, running

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
NONCE = "of-this-log-in"


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    keys = {"keys": [KEY.as_dict(private=True)]}
    with running({}, ["http://localhost/back"], jwks=keys) as one:
        settings = config.load({**ENVIRONMENT, **one.settings("desk=gazette:lead")})
        yield OpenIdProvider(settings)


def claims(provider: OpenIdProvider, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": provider.issuer,
        "aud": CLIENT_ID,
        "sub": "sub-grace",
        "iat": now,
        "exp": now + 60,
        "nonce": NONCE,
        **changed,
    }


def signed(content: dict[str, Any]) -> dict[str, str]:
    header = {"alg": "RS256", "kid": "k1"}
    return {"id_token": jwt.encode(header, content, KEY)}


def forged(header: dict[str, str], content: dict[str, Any], key: bytes) -> str:
    """Return a token with an HMAC under any key, or with no signature."""
    body = ".".join(_encoded(json.dumps(part).encode()) for part in (header, content))
    digest = hmac.digest(key, body.encode(), hashlib.sha256) if key else b""
    return f"{body}.{_encoded(digest)}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_of_the_provider_counts(provider: OpenIdProvider) -> None:
    read = provider.read_claims(signed(claims(provider)), NONCE)
    assert read["sub"] == "sub-grace"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["another"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"exp": 1_700_000_000},
        {"iat": 4_102_444_800},
        {"nonce": "of-another-log-in"},
        {"nonce": None},
    ],
    ids=str,
)
def test_a_token_for_something_else_is_refused(
    provider: OpenIdProvider, changed: dict[str, Any]
) -> None:
    with pytest.raises(SignOnFailed):
        provider.read_claims(signed(claims(provider, **changed)), NONCE)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "iat", "exp", "nonce"])
def test_a_token_without_a_claim_is_refused(
    provider: OpenIdProvider, missing: str
) -> None:
    content = claims(provider)
    del content[missing]
    with pytest.raises(SignOnFailed):
        provider.read_claims(signed(content), NONCE)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("none", b""),
        ("HS256", KEY.as_pem(private=False)),
        ("HS256", CLIENT_SECRET.encode()),
    ],
    ids=["none", "public key", "client secret"],
)
def test_a_token_without_a_signature_by_the_provider_is_refused(
    provider: OpenIdProvider, algorithm: str, key: bytes
) -> None:
    """CVE-2015-9235, CVE-2016-10555: `none`, and a public key taken for a secret."""
    header = {"alg": algorithm, "kid": "k1"}
    token = forged(header, claims(provider), key)
    with pytest.raises(SignOnFailed):
        provider.read_claims({"id_token": token}, NONCE)


def test_a_token_under_another_key_is_refused(provider: OpenIdProvider) -> None:
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims(provider), other)
    with pytest.raises(SignOnFailed):
        provider.read_claims({"id_token": token}, NONCE)


def test_the_start_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("authlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "authlib", None)
    settings = {
        "MODERATION_OIDC_ISSUER": "https://login.example",
        "MODERATION_OIDC_CLIENT_ID": "c",
        "MODERATION_OIDC_CLIENT_SECRET": "s3cret",
        "MODERATION_OIDC_ROLES": "desk=gazette:lead",
    }
    with pytest.raises(ConfigurationError, match=r"moderation\[oidc\]"):
        create_app({**ENVIRONMENT, **settings, "DATABASE_URL": "sqlite://"})


@pytest.mark.parametrize(
    ("value", "logged"),
    [
        ("access_denied", "access_denied"),
        ("a\nb", "unknown"),
        ("x" * 41, "unknown"),
        (None, "unknown"),
    ],
)
def test_the_log_takes_error_codes_alone(value: object, logged: str) -> None:
    assert error_code(value) == logged
