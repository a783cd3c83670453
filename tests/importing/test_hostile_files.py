"""Files that are made to do harm are refused, or lose their rows."""

from __future__ import annotations

import gzip
import sqlite3
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.importing import files
from moderation.importing.files import UnreadableFile, open_bytes
from moderation.importing.findings import FileFindings
from moderation.importing.markup import Markup, to_plain
from moderation.importing.php_values import UnreadablePhp, read_php
from moderation.importing.records import RefusedRow
from moderation.importing.xml_stream import XmlMender, read_nodes
from tests.importing.reading import options, read, records, sample


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '<!DOCTYPE disqus [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><disqus>&b;</disqus>'
    )
    with pytest.raises(UnreadableFile, match="document type"):
        read("disqus", [path])


def test_deep_nesting_is_refused_or_read_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<disqus>" + "<a>" * 5_000)
    with pytest.raises(UnreadableFile, match="deep"):
        read("disqus", [path])
    lines = tmp_path / "a.jsonl"
    lines.write_text("[" * 100_000 + "\n" + '{"a":' * 100_000 + "\n")
    items, _ = read("jsonl", [lines])
    assert [type(item) for item in items] == [RefusedRow, RefusedRow]


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FREE_BYTES", 1 << 16)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * (8 << 20)))
    with open_bytes(path) as file, pytest.raises(UnreadableFile, match="200 : 1"):
        file.read()


@pytest.mark.parametrize("content", [b"\x1f\x8b broken", b"", b"\xff\xfe\x00", b"{}"])
@pytest.mark.parametrize(
    "name", ["wordpress", "disqus", "isso", "remark42", "commento", "csv"]
)
def test_what_is_not_of_the_format_is_refused(
    name: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    given = options(name, base_url="https://news.example")
    try:
        items, findings = read(name, [path], given)
    except UnreadableFile:
        return
    assert records(items) == []
    assert findings.fault


def test_a_view_in_place_of_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE threads (id, uri, title)")
    database.execute("CREATE VIEW comments AS SELECT randomblob(1e9) AS text")
    database.close()
    given = options("isso", base_url="https://news.example")
    with pytest.raises(UnreadableFile):
        read("isso", [path], given)


@pytest.mark.parametrize("folder", ["/etc/passwd/..", "missing.xml", "."])
def test_a_path_to_no_file_is_refused(folder: str) -> None:
    with pytest.raises(UnreadableFile):
        read("disqus", [Path(folder)])


def test_a_file_that_is_cut_off_gives_what_came_before(tmp_path: Path) -> None:
    path, expected = sample("disqus", tmp_path)
    text = path.read_text()
    cut = tmp_path / "cut.xml"
    cut.write_text(text[: text.index("<post>")])
    items, findings = read("disqus", [cut])
    assert len(records(items)) == len(expected["records"]) - 1
    assert findings.fault is not None
    assert findings.fault.startswith("cut.xml: line ")


def test_a_long_file_takes_no_more_memory(tmp_path: Path) -> None:
    def rows(count: int) -> Iterator[str]:
        for number in range(count):
            yield f"<post><id>{number}</id><message>{'long ' * 40}</message></post>"

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.xml"
        path.write_text("<disqus>" + "".join(rows(count)) + "</disqus>")
        tracemalloc.start()
        found = sum(1 for _ in read_nodes(path, ("post",), FileFindings()))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == count
        return highest

    peak(10)
    assert peak(8_000) < 2 * peak(2_000)


MARKUP = st.text(alphabet="<>/&;#ab \n\"'=!-pbr[]", max_size=60)


@given(MARKUP)
def test_markup_of_any_kind_becomes_text(text: str) -> None:
    for markup in Markup:
        plain = to_plain(text, markup)
        assert plain == plain.strip()
        assert "\n\n\n" not in plain


XML = st.lists(
    st.sampled_from(
        ["<", "&", "&amp;", "&#2;", "&eacute;", "]]>", "<![CDATA[", "x", "\x02", "é"]
    )
)


@given(XML, st.integers(min_value=1, max_value=7))
def test_mending_does_not_depend_on_how_a_file_is_cut(
    parts: list[str], size: int
) -> None:
    data = ("<a>" + "".join(parts)).encode()
    whole: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    expected = XmlMender(whole).mend(data, is_last=True)
    mender = XmlMender(pieces)
    found = [mender.mend(data[at : at + size]) for at in range(0, len(data), size)]
    found.append(mender.mend(b"", is_last=True))
    assert ("".join(found), pieces) == (expected, whole)


@pytest.mark.parametrize(
    "text", ['O:8:"stdClass":0:{}', "a:9999999:{}", 's:9:"a";', "i:x;", "", "a:1:{"]
)
def test_php_objects_and_false_lengths_are_not_read(text: str) -> None:
    with pytest.raises(UnreadablePhp):
        read_php(text)


def test_php_lengths_count_bytes() -> None:
    assert read_php('a:1:{s:4:"zürn";N;}'.replace("4", "5")) == {"zürn": None}
