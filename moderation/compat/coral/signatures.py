"""The signatures of Coral's requests."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from flask import request

from moderation.database import db
from moderation.errors import Unauthenticated
from moderation.sites import integrations
from moderation.sites.protocols import Protocol
from moderation.sites.sites import SiteContext
from moderation.web.services import services

SIGNATURE = "X-Coral-Signature"
SCHEME = "sha256="
MAX_SIGNATURES = 10  # while a secret rotates there are two


def refuse_unsigned(site: SiteContext, data: bytes) -> None:
    """Refuse a body that none of the site's secrets has signed.

    The key of the HMAC is the whole secret as Coral shows it, prefix and all; while a
    secret rotates Coral sends several signatures, with commas between.

    Raises
    ------
    Unauthenticated
        If no signature is right.
    """
    signatures = [
        part.strip().removeprefix(SCHEME).lower().encode()
        for part in request.headers.get(SIGNATURE, "").split(",", MAX_SIGNATURES)
        if part.strip().startswith(SCHEME)
    ]
    secrets = integrations.list_secrets(
        db.session(),
        site.id,
        Protocol.CORAL,
        privacy=services().privacy,
        now=datetime.now(UTC),
    )
    for secret in secrets:
        right = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest().encode()
        if any(hmac.compare_digest(right, signature) for signature in signatures):
            return
    raise Unauthenticated("The signature is not valid.")
