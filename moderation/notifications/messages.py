"""Pure: a notification as an email, a message to Slack, and a card for Teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

MAX_TITLE_LENGTH = 150  # characters: Slack's limit of a header
MAX_SECTION_LENGTH = 3000  # characters: Slack's limit of a text object
MAX_QUOTE_LENGTH = 400  # characters of a comment
RULE = "-- "  # before the last lines of an email (RFC 3676, 4.3)


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """One thing that a message says, and the page of the console about it."""

    text: str
    url: str | None = None  #: None: the service doesn't know its own address
    quote: str | None = None  #: a comment, where the site's settings allow it


@dataclass(frozen=True, kw_only=True)
class Message:
    """A notification in its recipient's language."""

    title: str
    lines: Sequence[MessageLine]
    link_text: str  #: of a link to the console
    reason: str  #: why the recipient gets it, and where to change that
    settings_url: str | None = None
    direction: str = field(default="ltr")  #: `ltr` or `rtl`


def to_email(
    message: Message, *, sender: str, recipient: str, number: int, at: datetime
) -> EmailMessage:
    """Return a message as an email of plain text.

    Each attempt has the same Message-ID, so that a mail program shows one copy of an
    email that was sent twice. `Auto-Submitted` keeps absence notes away (RFC 3834, 5).

    Parameters
    ----------
    number
        Of the notification.

    Raises
    ------
    ValueError
        If a header would hold a line break.
    """
    email = EmailMessage()
    email["From"] = sender
    email["To"] = recipient
    email["Subject"] = message.title
    email["Date"] = format_datetime(at)
    email["Message-ID"] = f"<notification.{number}@{sender.rpartition('@')[2]}>"
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "All"  # of Exchange, which knows no RFC 3834
    if message.settings_url is not None:
        email["List-Unsubscribe"] = f"<{message.settings_url}>"
    paragraphs = [_paragraph(line) for line in message.lines]
    footer = "\n".join(filter(None, [message.reason, message.settings_url]))
    paragraphs.append(f"{RULE}\n{footer}")
    email.set_content("\n\n".join(paragraphs) + "\n", cte="base64")
    return email


def _paragraph(line: MessageLine) -> str:
    parts = [line.text]
    if line.quote is not None:
        parts.append("\n".join(f"> {part}" for part in line.quote.splitlines()))
    if line.url is not None:
        parts.append(line.url)
    return "\n".join(parts)


def to_slack(message: Message) -> dict[str, Any]:
    """Return a message as the JSON of an incoming webhook of Slack.

    `text` is what notifications show; blocks are what the channel does. No text can
    mention anyone or link anywhere.

    Source: docs.slack.dev, "Sending messages using incoming webhooks", "Formatting
    message text", and the text object of Block Kit (read 2026-11-30).
    """
    title = message.title[:MAX_TITLE_LENGTH]
    header = {"type": "plain_text", "text": title, "emoji": False}
    blocks: list[dict[str, Any]] = [{"type": "header", "text": header}]
    for line in message.lines:
        parts = [_escape(line.text)]
        if line.quote is not None:
            parts += [f"> {_escape(part)}" for part in line.quote.splitlines()]
        link = f"\n<{line.url}|{_escape(message.link_text)}>" if line.url else ""
        text = "\n".join(parts)[: MAX_SECTION_LENGTH - len(link)] + link
        section = {"type": "mrkdwn", "text": text, "verbatim": True}
        blocks.append({"type": "section", "text": section})
    reason = {"type": "plain_text", "text": message.reason, "emoji": False}
    blocks.append({"type": "context", "elements": [reason]})
    return {"text": _escape(title), "blocks": blocks}


def _escape(text: str) -> str:
    """Escape what is markup to Slack.

    >>> _escape("<!channel> & <https://x.example|you>")
    '&lt;!channel&gt; &amp; &lt;https://x.example|you&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_teams(message: Message) -> dict[str, Any]:
    """Return a message as the JSON of a webhook of Teams' Workflows.

    Text runs, unlike text blocks, know no Markdown: no text can link anywhere.

    Source: learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft
    Teams", and the schema of Adaptive Cards 1.5, adaptivecards.io (read 2026-11-30).
    """
    body: list[dict[str, Any]] = [_run(message.title, weight="Bolder", size="Medium")]
    for line in message.lines:
        body.append(_run(line.text))
        if line.quote is not None:
            body.append(_run(line.quote, italic=True))
    body.append(_run(message.reason, isSubtle=True, size="Small"))
    url = next((line.url for line in message.lines if line.url), None)
    action = {"type": "Action.OpenUrl", "title": message.link_text, "url": url}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "rtl": message.direction == "rtl",
        "body": body,
        "actions": [action] if url else [],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **style: object) -> dict[str, Any]:
    run = {"type": "TextRun", "text": text, **style}
    return {"type": "RichTextBlock", "inlines": [run]}
