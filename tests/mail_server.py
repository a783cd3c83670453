"""A real mail server on this machine: it keeps what it is handed."""

from __future__ import annotations

import base64
import email
import email.policy
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "moderation", "a secret of the mail server"


def make_certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1, its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail-server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


class _Conversation(socketserver.StreamRequestHandler):
    """Speaks as much of SMTP (RFC 5321, 3207, 4954) as a client of it needs."""

    server: MailReceiver

    def setup(self) -> None:
        if self.server.tls is not None and self.server.is_tls_at_once:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.reply(self.server.greeting)
        self.is_secure = self.server.is_tls_at_once
        self.is_known = False
        while line := self.rfile.readline():
            self.server.spoken.append(line.decode().strip())
            if not self.obey(line.decode().strip()):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the one that TLS was put around, too

    def reply(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def obey(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                self.offer()
            case "STARTTLS" if self.server.tls is not None:
                self.reply("220 go ahead")
                self.request = self.server.tls.wrap_socket(
                    self.request, server_side=True
                )
                self.rfile = self.request.makefile("rb")
                self.wfile = self.request.makefile("wb", buffering=0)
                self.is_secure = True
            case "AUTH":
                given = base64.b64decode(rest.partition(" ")[2]).split(b"\0")
                self.is_known = given[1:] == [USER.encode(), PASSWORD.encode()]
                self.reply("235 hello" if self.is_known else "535 5.7.8 who are you")
            case "MAIL" | "RCPT":
                self.reply(self.server.answers.get(verb.upper(), "250 ok"))
            case "DATA":
                self.take()
            case "QUIT":
                self.reply("221 bye")
                return False
            case _:
                self.reply("250 ok")
        return True

    def offer(self) -> None:
        can_start = self.server.tls is not None and not self.is_secure
        lines = ["mail.example", *(["STARTTLS"] if can_start else []), "AUTH PLAIN"]
        for line in lines[:-1]:
            self.reply(f"250-{line}")
        self.reply(f"250 {lines[-1]}")

    def take(self) -> None:
        self.reply("354 go ahead")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.keep(b"".join(lines), is_secure=self.is_secure, user=self.is_known)
        self.server.meanwhile()
        self.reply(self.server.answers.get("DATA", "250 kept"))


class MailReceiver(socketserver.ThreadingTCPServer):
    """A mail server at a port of this machine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None, *, is_tls_at_once: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.tls, self.is_tls_at_once = tls, is_tls_at_once
        self.greeting = "220 mail.example"
        self.answers: dict[str, str] = {}  #: to a verb, instead of 250
        self.spoken: list[str] = []  #: lines of clients
        self.received: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.secure: list[bool] = []  #: of each email, whether it came over TLS
        self.known: list[bool] = []  #: of each email, whether its client had logged in
        #: called before an email is answered
        self.meanwhile: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def keep(self, raw: bytes, *, is_secure: bool, user: bool) -> None:
        """Keep an email."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.raw.append(raw)
        self.secure.append(is_secure)
        self.known.append(user)

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def receiving_mail(
    certificate: Path | None = None, *, is_tls_at_once: bool = False
) -> Iterator[MailReceiver]:
    """Open a mail server, with TLS if it has a certificate."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    server = MailReceiver(tls, is_tls_at_once=is_tls_at_once)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
