"""The formats that can be imported, and how to tell them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from moderation.importing.files import UnreadableFile, open_bytes
from moderation.importing.findings import Reader
from moderation.importing.readers.commento import read_commento
from moderation.importing.readers.coral import read_coral
from moderation.importing.readers.coral_csv import read_coral_csv
from moderation.importing.readers.csv_rows import read_csv
from moderation.importing.readers.cusdis import read_cusdis
from moderation.importing.readers.discourse import read_discourse
from moderation.importing.readers.disqus import read_disqus
from moderation.importing.readers.isso import read_isso
from moderation.importing.readers.json_lines import read_json
from moderation.importing.readers.remark42 import read_remark42
from moderation.importing.readers.talk import read_talk
from moderation.importing.readers.wordpress import read_wordpress

HEAD_BYTES = 1 << 16


@dataclass(frozen=True, kw_only=True)
class ImportFormat:
    """A format: what reads it, and what it is."""

    name: str
    reader: Reader
    title: str
    source: str = ""  #: if the user names none; by default the name

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", self.source or self.name)


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
            title="Coral 5 to 9 (mongoexport)",
        ),
        ImportFormat(name="talk", reader=read_talk, title="Talk 4 (mongoexport)"),
        ImportFormat(
            name="coral-csv", reader=read_coral_csv, title="CSV of coral-importer"
        ),
        ImportFormat(name="isso", reader=read_isso, title="Isso (SQLite)"),
        ImportFormat(name="remark42", reader=read_remark42, title="Remark42 (backup)"),
        ImportFormat(
            name="commento", reader=read_commento, title="Commento, Comentario 2"
        ),
        ImportFormat(name="cusdis", reader=read_cusdis, title="Cusdis (CSV dumps)"),
        ImportFormat(
            name="discourse", reader=read_discourse, title="Discourse (posts.json)"
        ),
        ImportFormat(name="csv", reader=read_csv, title="CSV, with a mapping"),
        ImportFormat(
            name="jsonl",
            reader=read_json,
            title="JSON lines: our own export, or with a mapping",
        ),
    )
}
AUTO = "auto"


def detect(path: Path) -> ImportFormat:
    """Return the format of a file by its beginning.

    Raises
    ------
    UnreadableFile
        If its format can't be recognized.
    """
    if path.is_dir():
        return FORMATS[_detect_folder(path)]
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    text = head.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    first = text.partition("\n")[0]
    if head.startswith(b"SQLite format 3\0"):
        name = "isso"
    elif "http://disqus.com" in text:
        name = "disqus"
    elif "wordpress.org/export/1." in text:
        name = "wordpress"
    elif text.startswith("{") and '"version"' in first and '"users"' in first:
        name = "remark42"
    elif text.startswith("{") and '"version"' in text and '"comments"' in text:
        name = "commento"
    elif text.startswith("{") and '"external_id"' in first:
        name = "jsonl"
    else:
        known = ", ".join(FORMATS)
        raise UnreadableFile(f"{path.name} is of no known format. Name one: {known}.")
    return FORMATS[name]


def _detect_folder(path: Path) -> str:
    """Return the format of a folder by the names of its files."""
    names = {member.name.removesuffix(".gz") for member in path.iterdir()}
    if "assets.json" in names:
        return "talk"
    if "stories.csv" in names:
        return "coral-csv"
    return "cusdis" if "pages.csv" in names else "coral"
