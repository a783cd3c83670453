"""The OpenID Connect provider with which staff log in, by Authlib.

The authorization code flow with PKCE. Metadata and keys are read from the provider
when someone first logs in, so that it may be down while the service starts.

Source: OpenID Connect Core 1.0 and Discovery 1.0 (read 2026-11).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moderation.accounts.identities import MAX_SUBJECT_LENGTH, ProviderIdentity
from moderation.config import Settings
from moderation.errors import ConfigurationError, ProviderFailed, SignOnFailed

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5  # of each request to the provider: a person waits for it
LEEWAY_SECONDS = 60  # by which the provider's clock may differ
DISCOVERY = "/.well-known/openid-configuration"
SCOPES = ("openid", "profile")  # never `email`: nothing here needs an address
#: Of ID tokens. No `none`, and no HMAC: its key would be one that others know.
ALGORITHMS = (
    *(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)),
    "Ed25519",
    "EdDSA",
)
DEFAULT_ALGORITHMS = ["RS256"]  # OpenID Connect Discovery 1.0, section 3
BASIC, POST = "client_secret_basic", "client_secret_post"
#: Of an error code in an answer; any other value there isn't logged.
ERROR_CODE = re.compile(r"[a-z_]{1,40}")


class UnexpectedAnswer(ValueError):
    """The provider's answer lacks something; the message may stand in the log."""


@dataclass(frozen=True, kw_only=True)
class SignOnStart:
    """Data that the browser keeps between the start and the end of a log-in."""

    state: str
    nonce: str
    code_verifier: str


class OpenIdProvider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the client; nothing is sent yet.

        Raises
        ------
        ConfigurationError
            If the extra is not installed.
        """
        import requests  # an app starts faster without, as most need no provider

        try:
            from authlib.common.errors import AuthlibBaseError
            from authlib.integrations.flask_client import FlaskOAuth2App
            from joserfc.errors import JoseError
        except ImportError as error:
            raise ConfigurationError(
                "MODERATION_OIDC_ISSUER needs the extra: pip install 'moderation[oidc]'"
            ) from error
        self.issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._groups_claim = settings.oidc_groups_claim
        self._client = FlaskOAuth2App(
            None,
            name="oidc",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=settings.oidc_issuer.rstrip("/") + DISCOVERY,
            client_kwargs={
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )
        self._refused: tuple[type[Exception], ...] = (JoseError,)
        #: What Authlib raises, also on metadata, keys, or answers of another form.
        self._failures = (
            AuthlibBaseError,
            requests.RequestException,
            AttributeError,
            KeyError,
            RuntimeError,
            TypeError,
            ValueError,
        )

    def start(self, redirect_uri: str) -> tuple[str, SignOnStart]:
        """Return where to send the browser, and what it must bring back.

        Raises
        ------
        ProviderFailed
            If the provider doesn't answer as it should.
        """
        with self._failing():
            metadata = self._metadata()
            offered = metadata.get("scopes_supported", [])
            # Some providers need a scope of that name, others refuse one that they
            # don't know.
            further = [self._groups_claim] if self._groups_claim in offered else []
            started = self._client.create_authorization_url(
                redirect_uri, scope=" ".join([*SCOPES, *further])
            )
            start = SignOnStart(
                state=started["state"],
                nonce=started["nonce"],
                code_verifier=started["code_verifier"],
            )
            return str(started["url"]), start

    def finish(
        self, code: str, start: SignOnStart, redirect_uri: str
    ) -> ProviderIdentity:
        """Return who has logged in, for a code that the browser has brought back.

        Raises
        ------
        SignOnFailed
            If the code has expired or was used, or the ID token isn't valid.
        ProviderFailed
            If the provider doesn't answer as it should.
        """
        with self._failing():
            self._metadata()
            token = self._client.fetch_access_token(
                redirect_uri=redirect_uri, code=code, code_verifier=start.code_verifier
            )
            claims = self.read_claims(token, start.nonce)
            return self._identity({**self._user_info(token, claims), **claims})

    def read_claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Return the claims of the ID token in a token response.

        Raises
        ------
        SignOnFailed
            If its signature, issuer, audience, expiry, or nonce is wrong.
        ProviderFailed
            If there is none, or the provider's keys can't be read.
        """
        with self._failing():
            self._metadata()
            claims = self._client.parse_id_token(
                token,
                nonce=nonce,
                claims_options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                leeway=LEEWAY_SECONDS,
            )
            if claims is None:
                raise UnexpectedAnswer("no ID token")
            return dict(claims)

    def _metadata(self) -> dict[str, Any]:
        """Return what the provider publishes about itself, read once."""
        metadata: dict[str, Any] = self._client.load_server_metadata()
        if metadata.get("issuer") != self.issuer:  # Discovery 1.0, section 4.3
            metadata.clear()
            raise UnexpectedAnswer("the provider names another issuer")
        name = "id_token_signing_alg_values_supported"
        offered = metadata.get(name, DEFAULT_ALGORITHMS)
        metadata[name] = [each for each in offered if each in ALGORITHMS]
        if not metadata[name]:
            raise UnexpectedAnswer("the provider signs with no public key")
        methods = metadata.get("token_endpoint_auth_methods_supported", [BASIC])
        self._client.client_kwargs["token_endpoint_auth_method"] = (
            POST if POST in methods and BASIC not in methods else BASIC
        )
        return metadata

    def _user_info(
        self, token: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the claims that many providers give in a second answer only."""
        needed = {self._groups_claim, "preferred_username"}
        if needed <= claims.keys() or not self._metadata().get("userinfo_endpoint"):
            return {}
        info = dict(self._client.userinfo(token=token))
        if info.get("sub") != claims["sub"]:  # Core 1.0, section 5.3.2
            raise UnexpectedAnswer("the user info is another person's")
        return info

    def _identity(self, claims: Mapping[str, Any]) -> ProviderIdentity:
        subject, username = claims["sub"], claims.get("preferred_username")
        if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT_LENGTH:
            raise UnexpectedAnswer("the subject has another form")
        groups = claims.get(self._groups_claim, [])
        return ProviderIdentity(
            issuer=self.issuer,
            subject=subject,
            username=username if isinstance(username, str) else "",
            groups=frozenset(
                name
                for name in ([groups] if isinstance(groups, str) else groups)
                if isinstance(name, str)
            ),
        )

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Turn the client's errors into ours; the log gets no code and no token."""
        try:
            yield
        except self._refused as error:
            logger.warning("single sign-on: ID token refused: %s", _name(error))
            raise SignOnFailed from error
        except self._failures as error:
            logger.warning("single sign-on: the provider failed: %s", _name(error))
            if getattr(error, "error", None) == "invalid_grant":
                raise SignOnFailed from error
            raise ProviderFailed from error


def error_code(value: object) -> str:
    """Return an error code of OAuth as it may stand in the log."""
    is_code = isinstance(value, str) and ERROR_CODE.fullmatch(value)
    return str(value) if is_code else "unknown"


def _name(error: Exception) -> str:
    """Return what is wrong without what was sent: a message can repeat a token."""
    if isinstance(error, UnexpectedAnswer):
        return str(error)
    code = getattr(error, "error", None)
    return f"{type(error).__name__} ({error_code(code)})"
