"""Read large files in a process of its own, while this one stores what it has read."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from moderation.importing.collecting import collector_paused
from moderation.importing.drafts import ReadOptions
from moderation.importing.files import ByteCounter, UnreadableFile, counted, size_of
from moderation.importing.findings import FileFindings, Reader
from moderation.importing.records import ImportItem

MIN_BYTES = 8 << 20  # smaller files are read sooner than a process starts
BATCH_SIZE = 2_000  # rows: the next ones are read while these are stored


def read_apart(
    reader: Reader, paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield what a reader yields, read by a further process if it is worth it.

    Raises
    ------
    UnreadableFile
        As the reader does, or if its process ended.
    """
    if size_of(paths) < MIN_BYTES:
        yield from reader(paths, options, findings)
        return
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_read, args=(sender, reader, list(paths), options), daemon=True
    )
    process.start()
    sender.close()
    try:
        while True:
            try:
                kind, value, count = _load(receiver.recv_bytes())
            except EOFError:
                raise UnreadableFile("The process that reads has ended.") from None
            _count(count)
            if kind == "items":
                yield from value
            elif kind == "fault":
                raise UnreadableFile(value)
            else:
                _take_over(value, findings)
                return
    finally:
        receiver.close()
        process.terminate()
        process.join()


def _load(data: bytes) -> Any:
    """Return what was sent."""
    with collector_paused():
        return pickle.loads(data)  # noqa: S301 - of our own process


def _take_over(found: FileFindings, findings: FileFindings) -> None:
    for field in fields(FileFindings):
        setattr(findings, field.name, getattr(found, field.name))


def _count(count: int) -> None:
    counter = ByteCounter.current()
    if counter is not None:
        counter.count = count


def _read(
    sender: Connection[Any, Any],
    reader: Reader,
    paths: Sequence[Path],
    options: ReadOptions,
) -> None:
    """Send batches of items, then what was found; end when no one listens."""
    gc.freeze()  # what is there by now stays to the end
    findings, counter = FileFindings(), ByteCounter(total=0)
    with counted(counter), sender:
        try:
            items = reader(paths, options, findings)
            while _send_batch(sender, items, counter):
                pass
            sender.send(("end", findings, counter.count))
        except UnreadableFile as error:
            sender.send(("fault", error.message, counter.count))
        except BrokenPipeError:
            return


def _send_batch(
    sender: Connection[Any, Any], items: Iterator[ImportItem], counter: ByteCounter
) -> bool:
    """Send the next items; False: there are none."""
    with collector_paused():
        batch = list(islice(items, BATCH_SIZE))
        if batch:
            sender.send(("items", batch, counter.count))
        return bool(batch)
