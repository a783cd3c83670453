"""nginx and Caddy, with the files of deploy/, in front of the service."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.adapters import HTTPAdapter

from tests.builders import comment
from tests.conftest import absent
from tests.deploy.conftest import FORM_LIMIT, METRICS_TOKEN, Upstream, wait_for
from tests.docs.conftest import free_port
from tests.docs.pages import ROOT

HOST = "localhost"
ARTICLE = "https://gazette.example//2026/bridge?a=b"
NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; user root;
worker_processes 1; events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi; include {folder}/site.conf;
}}
"""
CADDY = """{{
    admin off
    auto_https disable_redirects
    skip_install_trust
    http_port {http}
    https_port {https}
}}
"""


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A proxy with TLS in front of the service."""

    url: str
    port: int
    certificate: Path
    http_port: int
    key: str
    token: str

    def ask(
        self, method: str, path: str, *, source: str = "127.0.0.1", **more: Any
    ) -> requests.Response:
        """Send a request from one of this machine's addresses."""
        with requests.Session() as session:
            session.mount("https://", _From(source))
            return session.request(
                method,
                self.url + path,
                verify=str(self.certificate),
                allow_redirects=False,
                timeout=30,
                **more,
            )

    @property
    def is_caddy(self) -> bool:
        """Whether it is Caddy, which makes its certificate itself."""
        return self.certificate.name == "root.crt"

    @property
    def as_site(self) -> dict[str, str]:
        """Headers with the site's key."""
        return {"Authorization": f"Bearer {self.key}"}


class _From(HTTPAdapter):
    """Connects from a certain address."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self.source, 0), **kwargs)


def start_nginx(folder: Path, upstream: Upstream) -> tuple[list[str], dict[str, Any]]:
    """Prepare nginx with our site; return its command, and where it listens."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        absent("nginx (the package nginx-light)")
    certificate, key = make_certificate(folder)
    http, https = free_port(), free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    lines = [line for line in site.splitlines() if "[::]" not in line]
    site = "\n".join(lines)
    for ours, here in {
        "127.0.0.1:8000": f"127.0.0.1:{upstream.port}",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl": f"listen 127.0.0.1:{https} ssl",
        "/etc/letsencrypt/live/comments.example/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/comments.example/privkey.pem": str(key),
        "server_name comments.example;": f"server_name {HOST};",
    }.items():
        assert ours in site, ours
        site = site.replace(ours, here)
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    command = [str(program), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return command, {"port": https, "http_port": http, "certificate": certificate}


def start_caddy(folder: Path, upstream: Upstream) -> tuple[list[str], dict[str, Any]]:
    """Prepare Caddy with our site; return its command, and where it listens."""
    program = shutil.which("caddy")
    if program is None:
        absent("Caddy (the package caddy)")
    http, https = free_port(), free_port()
    ours = (ROOT / "deploy" / "Caddyfile").read_text()
    (folder / "Caddyfile").write_text(CADDY.format(http=http, https=https) + ours)
    certificate = folder / "caddy/pki/authorities/local/root.crt"
    command = [
        "env",
        f"XDG_DATA_HOME={folder}",
        f"XDG_CONFIG_HOME={folder}",
        f"MODERATION_HOST={HOST}",
        f"MODERATION_UPSTREAM=127.0.0.1:{upstream.port}",
        *(str(program), "run", "--adapter", "caddyfile"),
        *("--config", str(folder / "Caddyfile")),
    ]
    return command, {"port": https, "http_port": http, "certificate": certificate}


STARTERS: dict[str, Callable[[Path, Upstream], tuple[list[str], dict[str, Any]]]] = {
    "nginx": start_nginx,
    "caddy": start_caddy,
}


@pytest.fixture(scope="module", params=STARTERS)
def proxy(
    request: pytest.FixtureRequest,
    upstream: Upstream,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    """nginx, then Caddy, as deploy/ sets them."""
    folder = tmp_path_factory.mktemp(request.param)
    command, where = STARTERS[request.param](folder, upstream)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    url = f"https://{HOST}:{where['port']}"
    try:
        wait_for(f"{url}/healthz", process, str(where["certificate"]))
        yield Proxy(url=url, key=upstream.key, token=upstream.token, **where)
    finally:
        process.terminate()
        process.wait(30)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for this machine, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    names = [x509.DNSName(HOST), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_a_comment_goes_in_and_comes_out_under_its_article(proxy: Proxy) -> None:
    """The article's address, with `//` and `?`, is encoded in the path."""
    body = comment(article=ARTICLE, body="Across the bridge.")
    sent = proxy.ask("POST", "/api/v1/comments", json=body, headers=proxy.as_site)
    assert sent.status_code == 201, sent.text
    encoded = urllib.parse.quote(ARTICLE, safe="")
    path = f"/api/v1/articles/{encoded}/comments"
    listed = proxy.ask("GET", path, headers=proxy.as_site)
    assert listed.status_code == 200, listed.text
    assert sent.json()["id"] in {each["id"] for each in listed.json()["comments"]}


def test_the_service_sees_https_and_the_client_sees_its_headers(proxy: Proxy) -> None:
    answer = proxy.ask("POST", "/console/language", data={"language": "ar"})
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    page = proxy.ask("GET", "/console/login")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert page.headers["Content-Encoding"] in ("gzip", "zstd", "br")


def test_metrics_are_not_for_the_public(proxy: Proxy, upstream: Upstream) -> None:
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    direct = f"http://127.0.0.1:{upstream.port}/metrics"
    assert requests.get(direct, headers=headers, timeout=30).status_code == 200
    assert proxy.ask("GET", "/metrics", headers=headers).status_code == 404


def test_limits_count_the_clients_own_address(proxy: Proxy) -> None:
    """What a client writes into the header counts for nothing."""
    octet = 10 if proxy.is_caddy else 20

    def send(source: str, number: int) -> int:
        form = {"author_name": "Ada", "author_email": "ada@mail.example"}
        return proxy.ask(
            "POST",
            "/demo/",
            source=source,
            data={**form, "body": f"Number {number} of {source} by {octet}."},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code

    own, other = f"127.0.0.{octet}", f"127.0.0.{octet + 1}"
    codes = [send(own, number) for number in range(FORM_LIMIT + 1)]
    assert codes == [303] * FORM_LIMIT + [429]
    assert send(other, 0) == 303


def test_a_large_batch_passes_and_what_is_larger_than_any_call_does_not(
    proxy: Proxy,
) -> None:
    body = [comment(body="ferry " * 1000 + str(number)) for number in range(200)]
    batch = "/api/v1/comments/batch"
    sent = proxy.ask("POST", batch, json={"comments": body}, headers=proxy.as_site)
    assert sent.status_code in (200, 207), sent.text[:500]
    assert len(sent.json()["comments"]) == len(body)
    if not proxy.is_caddy:  # which reads on before it answers
        assert status_of(proxy, batch, content_length=70 * 1000 * 1000) == 413


def status_of(proxy: Proxy, path: str, *, content_length: int) -> int:
    """Announce a body, send only its beginning, and return the answer's status."""
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    with (
        socket.create_connection((HOST, proxy.port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {proxy.key}"
            f"\r\nContent-Type: application/json\r\nContent-Length: {content_length}"
            "\r\n\r\n[1, "
        )
        connection.sendall(head.encode())
        return int(connection.recv(1000).split()[1])


def test_a_streamed_file_arrives_whole(proxy: Proxy) -> None:
    answer = proxy.ask(
        "GET", "/api/v1/audit/file", headers={"Authorization": f"Bearer {proxy.token}"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.text.startswith("\ufeff") or answer.text.startswith("sequence")
    assert answer.text.endswith("\n")


def test_nginx_leads_from_http_to_https(proxy: Proxy) -> None:
    """Caddy does so by itself; here its port is not 80."""
    if proxy.is_caddy:
        return
    answer = requests.get(
        f"http://{HOST}:{proxy.http_port}/console/?a=b",
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{HOST}/console/?a=b"
