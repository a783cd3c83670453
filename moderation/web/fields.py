"""Fields that take nothing hostile in, each a pure function of its input."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from typing import Any

import marshmallow as ma
from email_validator import EmailNotValidError, validate_email
from marshmallow import validate

from moderation import identifiers
from moderation.privacy import has_email
from moderation.text.plain import is_blank, is_web_address

LINE_BREAKS_AND_TABS = "\n\r\t"

LAST_YEAR = 2090  # ids count milliseconds until 2093
EMAIL_LENGTH = 254  # characters; RFC 5321 4.5.3.1.3, less the angle brackets
URL_LENGTH = 2048  # characters; what browsers and proxies agree on
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # BCP 47, its outline
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_storable(text: str) -> bool:
    """Tell whether a text from a path can be looked for in a database."""
    try:
        refuse_unstorable(text)
    except ma.ValidationError:
        return False
    return True


def refuse_unstorable(text: str, *, allowed: str = "") -> None:
    """Refuse characters that can't be stored or that hide what is written.

    Raises
    ------
    marshmallow.ValidationError
        For lone surrogates and for control characters that are not in `allowed`.
    """
    for each in text:
        category = unicodedata.category(each)
        if category == "Cs":
            raise ma.ValidationError("Holds half a character (a lone surrogate).")
        if category == "Cc" and each not in allowed:
            raise ma.ValidationError(f"Holds a control character (U+{ord(each):04X}).")


class Line(ma.fields.String):
    """One line of text, without control characters, trimmed, not blank."""

    def __init__(self, *, longest: int, shortest: int = 1, **kwargs: Any) -> None:
        self.longest = longest
        validators = [validate.Length(min=shortest, max=longest)]
        super().__init__(validate=validators, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs).strip()
        if len(text) > self.longest:  # first: to look into it would cost seconds
            raise ma.ValidationError(f"Longer than maximum length {self.longest}.")
        refuse_unstorable(text)
        if is_blank(text):
            raise ma.ValidationError("Must not be blank.")
        return text


class PublicLine(Line):
    """A line that readers or other systems see: an email address is refused."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if has_email(text):
            raise ma.ValidationError("Must not contain an email address.")
        return text


class CommentText(ma.fields.String):
    """The author's text. HTML is text here: it is shown, never interpreted."""

    def __init__(
        self, *, most_bytes: int, most_characters: int | None = None, **kwargs: Any
    ) -> None:
        self.most_bytes = most_bytes
        validators = [validate.Length(min=1, max=most_characters or most_bytes)]
        super().__init__(validate=validators, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        text = text.replace("\r\n", "\n").strip()
        refuse_unstorable(text, allowed=LINE_BREAKS_AND_TABS)
        if is_blank(text):
            raise ma.ValidationError("Must not be blank.")
        if len(text.encode()) > self.most_bytes:
            raise ma.ValidationError(
                f"Longer than maximum length {self.most_bytes} bytes in UTF-8."
            )
        return text


class NormalizedEmail(ma.fields.String):
    """An address in normalized form. DNS is not asked: no request waits on it."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "email", **kwargs.pop("metadata", {})}
        super().__init__(
            validate=validate.Length(max=EMAIL_LENGTH), metadata=metadata, **kwargs
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs).strip()
        if not text:
            raise ma.ValidationError("Must not be blank.")
        if len(text) > EMAIL_LENGTH:  # first: to look into it would cost seconds
            raise ma.ValidationError(f"Longer than maximum length {EMAIL_LENGTH}.")
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ma.ValidationError(_without_address(str(error), text)) from None


def _without_address(complaint: str, address: str) -> str:
    """Return the complaint, unless it repeats a part of the address."""
    parts = [part for part in re.split(r"[@<>\s]", address) if len(part) > 1]
    if any(part.casefold() in complaint.casefold() for part in parts):
        return "Not a valid email address."
    return complaint


class WebAddress(Line):
    """An http or https address without a user name, a password or an email."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "uri", **kwargs.pop("metadata", {})}
        super().__init__(longest=URL_LENGTH, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not is_web_address(text) or has_email(text):
            raise ma.ValidationError("Not a valid http or https address.")
        return text


class IpAddress(ma.fields.String):
    """An IPv4 or IPv6 address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=64), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs).strip()
        numbers, _, _ = text.partition("%")  # a zone (RFC 4007) means nothing here
        try:
            return str(ipaddress.ip_address(numbers))
        except ValueError:
            raise ma.ValidationError("Not a valid IP address.") from None


class LanguageTag(ma.fields.String):
    """A BCP 47 language tag."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=2, max=35), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs).strip()
        if not LANGUAGE_TAG.fullmatch(text):
            raise ma.ValidationError("Not a valid BCP 47 language tag.")
        return text


class CommentId(ma.fields.String):
    """The public form of a comment's id; an integer inside."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {
            "description": "13 characters",
            "example": "0p2k4t7c1v9xz",
            **kwargs.pop("metadata", {}),
        }
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        return None if value is None else identifiers.encode(value)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, *args, **kwargs)
        try:
            return identifiers.decode(text)
        except ValueError:
            raise ma.ValidationError("Not a comment id.") from None


class Moment(ma.fields.String):
    """A date, which is the whole day in UTC, or a time with its offset from UTC.

    Inside it is a time: the beginning of the day or, with `is_end`, of the next one.
    """

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        self.is_end = is_end
        metadata = {"example": "2026-11-30", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        moment: datetime = value.astimezone(UTC)
        if moment.time() != time.min:
            return moment.isoformat()
        return (moment.date() - timedelta(days=self.is_end)).isoformat()

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, *args, **kwargs).strip()
        try:
            if _DATE.fullmatch(text):
                day = datetime.fromisoformat(text).replace(tzinfo=UTC)
                return _in_range(day + timedelta(days=self.is_end))
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ma.ValidationError("Needs an offset from UTC, such as Z.")
            return _in_range(moment.astimezone(UTC))
        except (ValueError, OverflowError):
            raise ma.ValidationError("Not a valid date or time.") from None


def _in_range(moment: datetime) -> datetime:
    """Return a moment from a year that ids and databases have numbers for.

    Raises
    ------
    ValueError
        If it has none.
    """
    if not 1970 <= moment.year <= LAST_YEAR:
        raise ValueError("out of range")
    return moment
