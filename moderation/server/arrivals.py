"""A request that is still arriving, parsed by gunicorn once its bytes are here."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidChunkSize, LimitRequestHeaders, NoMoreData
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader

MAX_HEAD_BYTES = 64 * 1024  # nginx allows 32 KiB
MAX_CHUNK_LINE_BYTES = 8190  # as gunicorn
MAX_TRAILER_BYTES = 64 * 1024
MAX_SKIPPED_BYTES = 64 * 1024  # as gunicorn: of a body that no one read
#: What chunks of a few bytes may take of memory, as a multiple of what they hold.
MAX_CHUNK_OVERHEAD = 8

CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]+")  # RFC 9112 section 7.1

#: Reads on from the client, at most so many bytes if a number is given.
Source = Callable[[int | None], bytes]


class Incomplete(NoMoreData):  # type: ignore[misc]  # gunicorn is untyped
    """The bytes that have arrived end before the request does."""


class Inbox(Unreader):  # type: ignore[misc]
    """The bytes of a connection that were received and not yet parsed."""

    def __init__(self) -> None:
        super().__init__()
        #: Of a large body: where the rest comes from.
        self.source: Source | None = None

    def __len__(self) -> int:
        return self.buf.getbuffer().nbytes

    def hold(self, data: bytes) -> None:
        """Replace the bytes."""
        self.buf = io.BytesIO(data)
        self.buf.seek(0, io.SEEK_END)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        self.buf.seek(0, io.SEEK_END)
        self.buf.write(data)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return further bytes; called where the ones held are used up.

        Raises
        ------
        Incomplete
            If nothing more may be waited for.
        """
        if self.source is None:
            raise Incomplete
        return self.source(size_hint)


class ChunkScanner:
    """Find the end of a chunked body, without decoding it.

    Gunicorn decodes what this passes on, by the rules of RFC 9112 section 7.1. Where
    the two disagree, the request is refused or dropped, never read otherwise.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._position = 0  # of the next size line, or of the trailers
        self._needed = 0  # how many bytes must be here before it is worth a look
        self._decoded = 0
        self._is_trailer = False

    def is_complete(self, inbox: Inbox) -> bool:
        """Tell whether the body ends, is broken, or holds more than it may.

        The inbox holds the body as far as it arrived, from its beginning.
        """
        if len(inbox) < self._needed:
            return False
        data = inbox.buf.getvalue()
        while not self._is_trailer:
            start = self._position
            end = data.find(b"\r\n", start, start + MAX_CHUNK_LINE_BYTES + 2)
            if end < 0:
                return len(data) - start > MAX_CHUNK_LINE_BYTES
            digits = data[start:end].partition(b";")[0].rstrip(b" \t")
            if not CHUNK_SIZE.fullmatch(digits):
                return True  # Python reads `1_0` and `-1` as numbers, gunicorn doesn't
            size = int(digits, 16)
            self._is_trailer = size == 0
            if self._decoded + size > self._max_bytes:
                self._needed = end + 2 + self._max_bytes - self._decoded + 1
                return len(data) >= self._needed
            self._needed = end + 2 + (size + 2 if size else 0)
            if len(data) < self._needed:
                return False
            self._decoded += size
            self._position = self._needed
        trailer = data[self._position :]
        is_ended = trailer[:2] == b"\r\n" or b"\r\n\r\n" in trailer
        return is_ended or len(trailer) > MAX_TRAILER_BYTES


class Arrival(RequestParser):  # type: ignore[misc]
    """The requests of one connection, each handed on when it is all here.

    A body of more than `max_body_bytes` is not waited for: the application decides by
    the head whether it reads on, from `source`.
    """

    def __init__(
        self, cfg: Any, address: Any, max_body_bytes: int, source: Source
    ) -> None:
        super().__init__(cfg, iter(()), address)
        self.unreader = Inbox()
        self.max_body_bytes = max_body_bytes
        self.is_streamed = False
        self.error: Exception | None = None
        #: whether the client waits for leave to send its body, and has none yet
        self.owes_continue = False
        self._source = source
        self._head = bytearray()
        self._scanner: ChunkScanner | None = None
        self._has_head = False

    @property
    def is_begun(self) -> bool:
        """Whether anything of the next request is here."""
        return self._has_head or bool(self._head)

    @property
    def has_head(self) -> bool:
        """Whether the head is here, and the body is not."""
        return self._has_head

    @property
    def held_bytes(self) -> int:
        """How much of memory the next request takes."""
        return len(self._head) + len(self.unreader)

    def start_next(self) -> bytes:
        """Begin the next request; return its bytes that came with the last one."""
        rest: bytes = self.unreader.take_buffered()
        self._has_head, self._scanner, self.is_streamed = False, None, False
        self._head.clear()
        return rest

    def feed(self, data: bytes) -> bool:
        """Take bytes in; tell whether the request can be handed on."""
        if not self._has_head:
            self._head += data
            # A line that is not at its end tells nothing, unless it is too long.
            if b"\n" not in data and len(self._head) <= self.cfg.limit_request_line:
                return False
            if not self._parse_head():
                return self.error is not None
        else:
            self.unreader.append(data)
        return self._has_body()

    def __next__(self) -> Request:
        """Return the request that is here; called once for each, by gunicorn.

        Raises
        ------
        gunicorn.http.errors.ParseException
            If its head or its chunks are malformed.
        """
        if self.error is not None:
            raise self.error
        if self._scanner is not None and not self.is_streamed:
            # Decoded before the application sees it, so that gunicorn answers 400.
            decoded = Inbox()
            decoded.hold(self.mesg.body.read())
            self.mesg.body = Body(LengthReader(decoded, len(decoded)))
        return self.mesg

    def finish_body(
        self, deadline: float | None = None, max_bytes: int | None = None
    ) -> bool:
        """Skip what the application left of a body; tell whether all of it is here."""
        if self.is_streamed or len(self.unreader) > MAX_SKIPPED_BYTES:
            return False  # the connection is closed instead
        skipped: bool = super().finish_body(max_bytes=2 * MAX_SKIPPED_BYTES)
        return skipped

    def _parse_head(self) -> bool:
        self.unreader.hold(bytes(self._head))
        self.req_count += 1
        try:
            if len(self._head) > MAX_HEAD_BYTES:
                raise LimitRequestHeaders("request head size")
            self.mesg = Request(
                self.cfg, self.unreader, self.source_addr, self.req_count
            )
        except Incomplete:
            self.unreader.hold(b"")
            self.req_count -= 1
            return False
        except Exception as error:  # noqa: BLE001 - answered by gunicorn, in a thread
            self.error = error
            return False
        self._head.clear()
        self._has_head = True
        self.owes_continue = self.mesg._expected_100_continue
        self.mesg._expected_100_continue = False  # gunicorn would send it too late
        if isinstance(self.mesg.body.reader, ChunkedReader):
            self._scanner = ChunkScanner(self.max_body_bytes)
        return True

    def _has_body(self) -> bool:
        if self._scanner is None:
            length: int = self.mesg.body.reader.length
            is_here, is_large = (
                len(self.unreader) >= length,
                length > self.max_body_bytes,
            )
        else:
            size = len(self.unreader)
            is_here = self._scanner.is_complete(self.unreader)
            is_large = is_here and size > self.max_body_bytes
            if size > self.max_body_bytes * MAX_CHUNK_OVERHEAD:
                self.error = InvalidChunkSize(b"chunks of a few bytes")
                return True
        if is_large and not self.is_streamed:
            self.is_streamed = True
            self.unreader.source = self._source
        return is_here or is_large
