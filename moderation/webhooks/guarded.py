"""Connections out of our network: to no one in it, with any name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moderation.webhooks.endpoints import IPV4_COMPATIBLE

if TYPE_CHECKING:
    from requests import Session


def open_guarded(networks: Sequence[str], *, is_plain: bool) -> Session:
    """Return a session of `requests` for public addresses and those in `networks`.

    An address is resolved once, refused if it lies in a private or special network that
    is not among `networks`, and connected to as resolved, so that no second answer of
    the DNS leads elsewhere. The session raises `AntiSSRF.AntiSSRFError` then.

    Parameters
    ----------
    is_plain
        For `http`, to the addresses in `networks` alone.
    """
    from AntiSSRF import AntiSSRFPolicy, PolicyConfigOptions  # slow to import

    if is_plain:
        policy = AntiSSRFPolicy(PolicyConfigOptions.INTERNAL_ONLY)
    else:
        policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
        policy.add_denied_addresses([IPV4_COMPATIBLE])  # the policy lets it pass
    policy.allow_plain_text_http = is_plain
    if networks:
        policy.add_allowed_addresses(list(networks))
    session: Session = policy.get_antissrf_session()
    session.trust_env = False  # a proxy would resolve the name by itself
    return session
