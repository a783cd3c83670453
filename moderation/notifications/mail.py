"""Sends an email through the mail server of the settings."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from moderation.notifications.outbox import SendResult

TIMEOUT_SECONDS = 20.0  # of each step of the conversation
PERMANENT = range(500, 600)  # replies that a further attempt would get again


@dataclass(frozen=True, kw_only=True, repr=False)  # no repr: it holds a password
class MailServer:
    """The mail server for outgoing emails, and their sender."""

    host: str
    port: int
    encryption: str  #: `starttls`, `tls`, or `none`
    user: str  #: empty: it lets everyone in
    password: str
    sender: str  #: address


def send(server: MailServer, email: EmailMessage) -> SendResult:
    """Hand an email over; return how the server took it.

    The server's certificate must be valid for its host, and STARTTLS is never left
    out: a server that doesn't offer it gets nothing. Nothing that the server replies
    is kept, as it may repeat the address.
    """
    try:
        with _connect(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(email)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _refusal("refused the address", max(codes, default=0))
    except smtplib.SMTPAuthenticationError as error:
        return SendResult(
            fault=f"the mail server refused the log-in ({error.smtp_code})",
            is_down=True,
        )
    except smtplib.SMTPDataError as error:
        return _refusal("refused the message", error.smtp_code)
    except smtplib.SMTPSenderRefused as error:  # as it would for every email
        fault = f"the mail server refused the sender ({error.smtp_code})"
        return SendResult(fault=fault, is_down=True)
    except smtplib.SMTPResponseException as error:
        fault = f"the mail server failed ({error.smtp_code})"
        return SendResult(fault=fault, is_down=True)
    except smtplib.SMTPNotSupportedError:
        fault = "the mail server doesn't offer what the settings ask for"
        return SendResult(fault=fault, is_down=True)
    except ssl.SSLCertVerificationError:
        fault = "the mail server's certificate isn't valid"
        return SendResult(fault=fault, is_down=True)
    except (smtplib.SMTPException, OSError) as error:
        fault = f"the mail server doesn't answer ({type(error).__name__})"
        return SendResult(fault=fault, is_down=True)
    return SendResult()


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.encryption == "tls":
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.encryption == "starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp


def _refusal(what: str, code: int) -> SendResult:
    """Return how the server refused one email: for ever, or for now."""
    is_final = code in PERMANENT
    return SendResult(fault=f"the mail server {what} ({code})", is_final=is_final)
