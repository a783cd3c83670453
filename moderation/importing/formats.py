"""The formats that can be imported, and how to tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.importing.files import UnreadableFile, open_bytes
from moderation.importing.findings import Reader
from moderation.importing.readers.commento import read_commento
from moderation.importing.readers.coral import read_coral
from moderation.importing.readers.disqus import read_disqus
from moderation.importing.readers.isso import read_isso
from moderation.importing.readers.remark42 import read_remark42
from moderation.importing.readers.wordpress import read_wordpress

HEAD_BYTES = 1 << 16


@dataclass(frozen=True, kw_only=True)
class ImportFormat:
    """A format: what reads it, and what it is."""

    name: str  #: also the source, if the user names none
    reader: Reader
    title: str
    #: the only argument may be a folder of files
    takes_folder: bool = False


FORMATS = {
    each.name: each
    for each in (
        ImportFormat(
            name="wordpress", reader=read_wordpress, title="WordPress export (WXR)"
        ),
        ImportFormat(name="disqus", reader=read_disqus, title="Disqus export (XML)"),
        ImportFormat(
            name="coral",
            reader=read_coral,
            title="Coral 5 to 9, or Talk 4 (mongoexport)",
            takes_folder=True,
        ),
        ImportFormat(name="isso", reader=read_isso, title="Isso (SQLite)"),
        ImportFormat(name="remark42", reader=read_remark42, title="Remark42 (backup)"),
        ImportFormat(
            name="commento", reader=read_commento, title="Commento, Comentario 2"
        ),
    )
}
AUTO = "auto"
