"""Addresses of webhooks and callbacks that lead into the installation's own network.

Based on the breach of Capital One in 2019: a request to 169.254.169.254, sent by a
server of its own, gave out the keys to the data of 106 million people (CWE-918).
"""

from __future__ import annotations

import pytest

from moderation.errors import InvalidFields
from moderation.webhooks import endpoints, sender

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "localhost",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[ff02::1]",
    "１２７.0.0.1",
    "127。0。0。1",
]


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", INSIDE)
def test_nothing_is_sent_into_a_private_network(scheme: str, host: str) -> None:
    result = sender.send(f"{scheme}://{host}:9/", (), data=b"{}")
    refused = "refused: not an address that may be reached"
    assert result.fault in {refused, "InvalidURL"}


@pytest.mark.parametrize("host", ["[::127.0.0.1]", "[::10.0.0.1]", "[::7f00:1]"])
def test_no_webhook_has_an_ipv4_address_in_obsolete_form(host: str) -> None:
    with pytest.raises(InvalidFields):
        endpoints.refuse_address(f"https://{host}/", ())


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "ftp://127.0.0.1/",
        "unix:///run/x.sock",
        "//127.0.0.1/",
        "",
    ],
)
def test_nothing_is_sent_over_another_protocol(url: str) -> None:
    result = sender.send(url, ("127.0.0.0/8",), data=b"{}")
    assert result.status is None
    assert result.fault
