"""What readers make of the samples of other systems."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from moderation.importing import formats
from moderation.importing.files import UnreadableFile
from moderation.importing.mapping import read_mapping
from moderation.importing.records import RefusedRow, SkippedRow
from moderation.importing.report import ImportReport
from tests.importing.reading import options, read, records, sample

NAMES = {"wxr": "wordpress"}


def squeezed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "body": " ".join(row["body"].split())} for row in rows]


@pytest.mark.parametrize(
    "name",
    ["wxr", "disqus", "isso", "remark42", "commento", "coral", "talk", "coral-csv"],
)
def test_a_sample_becomes_what_is_expected(name: str, tmp_path: Path) -> None:
    path, expected = sample(name, tmp_path)
    format_name = NAMES.get(name, name)
    given = options(**expected["options"])
    items, findings = read(format_name, [path], given)
    assert squeezed(records(items)) == squeezed(expected["records"])
    skipped = [item for item in items if isinstance(item, SkippedRow)]
    assert [{"id": x.id, "why": x.why} for x in skipped] == expected["skipped"]
    refused = [item for item in items if isinstance(item, RefusedRow)]
    assert [x.id for x in refused] == [x["id"] for x in expected["refused"]]
    for row, wanted in zip(refused, expected["refused"], strict=True):
        assert wanted["says"].removeprefix("no ") in row.says
    report = ImportReport()
    for item in items:
        report.add(item)
    counts = report.as_json(findings)
    assert {key: counts[key] for key in expected["report"]} == expected["report"]
    mended = expected.get("mended", {})
    assert {key: findings.mended[key] for key in mended} == mended
    assert [x.author_id for x in findings.blocked_authors] == [
        x["author_id"] for x in expected.get("blocked_authors", [])
    ] or name == "coral"
    assert formats.detect(path).name == format_name


def test_a_dry_run_reads_itself_again(tmp_path: Path) -> None:
    path = sample("coral", tmp_path)[0]
    items, _ = read("coral", [path])
    again = tmp_path / "export.jsonl"
    again.write_text("\n".join(json.dumps(each) for each in records(items)))
    assert squeezed(records(read("jsonl", [again])[0])) == squeezed(records(items))


def test_files_in_the_wrong_order_and_packed_make_the_same_threads(
    tmp_path: Path,
) -> None:
    path, expected = sample("remark42", tmp_path)
    head, *lines = path.read_text().splitlines()
    later, earlier = tmp_path / "b.gz", tmp_path / "a.jsonl"
    later.write_bytes(gzip.compress("\n".join([head, *lines[1:]]).encode()))
    earlier.write_text("\n".join([head, lines[0]]))
    items, _ = read("remark42", [later, earlier])
    found = {row["external_id"]: row.get("parent") for row in records(items)}
    assert found == {
        row["external_id"]: row.get("parent") for row in expected["records"]
    }


def test_the_same_row_twice_is_one_comment_and_another_text_is_refused(
    tmp_path: Path,
) -> None:
    path = sample("remark42", tmp_path)[0]
    lines = path.read_text().splitlines()
    other = lines[1].replace("must", "mustn't")
    path = tmp_path / "twice.jsonl"
    path.write_text("\n".join([*lines[:2], lines[1], other]))
    items, _ = read("remark42", [path])
    assert [type(item).__name__ for item in items] == [
        "ImportRecord",
        "SkippedRow",
        "RefusedRow",
    ]


CSV = """nr;url;text;state;when;name;mail;by
1;/2019/a;"=1+1, she said;
and left";2;2019-03-05 10:15;Ada <ada@mail.example>;ada@mail.example;desk7
2;/2019/a;Fine.;1;2019-03-05T10:16:00Z;Bo;;
3;/2019/a;Odd.;9;2019-03-05 10:17;Cy;;
4;/2019/a;When?;1;05/03/2019;Cy;;
5;/2019/a
"""


def test_csv_is_read_by_a_mapping_and_faults_name_their_line(tmp_path: Path) -> None:
    path, mapping = tmp_path / "a.csv", tmp_path / "map.json"
    path.write_text("\ufeff" + CSV)
    mapping.write_text(
        json.dumps(
            {
                "id": "nr",
                "article": "url",
                "body": "text",
                "status": {
                    "column": "state",
                    "values": {"1": "approved", "2": "rejected"},
                },
                "written_at": "when",
                "author_name": "name",
                "author_email": "mail",
                "decided_by": "by",
            }
        )
    )
    given = options(
        "old",
        timezone="Europe/Vienna",
        base_url="https://news.example",
        mapping=read_mapping(mapping),
    )
    items, _ = read("csv", [path], given)
    first, second = records(items)
    assert first["body"] == "=1+1, she said;\nand left"
    assert first["article"] == "https://news.example/2019/a"
    assert first["written_at"] == "2019-03-05T09:15:00Z"
    assert first["author_name"] == "Ada"
    assert first["decision"]["evidence"] == "person"
    assert second["written_at"] == "2019-03-05T10:16:00Z"
    refused = [item for item in items if isinstance(item, RefusedRow)]
    assert [(row.id, row.line) for row in refused] == [("3", 5), ("4", 6), ("5", 7)]


def test_csv_without_a_needed_column_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,article,body\n1,a,b\n")
    with pytest.raises(UnreadableFile, match="no column status"):
        read("csv", [path])
    path.write_text("id,article,body,status,mood\n1,a,b,approved,sad\n")
    with pytest.raises(UnreadableFile, match="mood"):
        read("csv", [path])


def test_what_was_written_before_a_date_is_left_out(tmp_path: Path) -> None:
    path, expected = sample("isso", tmp_path)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    given = options("isso", base_url="https://news.example", since=since)
    items, _ = read("isso", [path], given)
    assert len(records(items)) == len(expected["records"]) - 1


def test_cusdis_is_read_from_dumps_of_its_tables(tmp_path: Path) -> None:
    (tmp_path / "pages.csv").write_text(
        "id,slug,url,title\np1,a,https://news.example/a,Bridge\n"
    )
    (tmp_path / "comments.csv").write_text(
        "id,pageId,created_at,deletedAt,moderatorId,by_email,by_nickname,content,"
        "approved,parentId\n"
        "c1,p1,2023-03-05 09:15:00,,,ada@mail.example,Ada,Fine.,t,\n"
        "c2,p1,2023-03-05 09:16:00,,u1,,Desk,Thanks.,f,c1\n"
        "c3,p1,2023-03-05 09:17:00,2023-03-06,,,Bo,Gone.,t,c1\n"
        "c4,p9,2023-03-05 09:18:00,,,,Bo,Lost.,t,\n"
    )
    items, _ = read("cusdis", [tmp_path])
    assert [(row["status"], row.get("parent")) for row in records(items)] == [
        ("approved", None),
        ("pending", "cusdis:c1"),
        ("rejected", "cusdis:c1"),
    ]
    assert [row.line for row in items if isinstance(row, RefusedRow)] == [5]


def test_discourse_tells_moderators_deletions_from_authors(tmp_path: Path) -> None:
    post = {"topic_id": 7, "created_at": "2023-03-05T09:15:00.000Z", "username": "bo"}
    post |= {"embed_url": "https://news.example/a", "raw": "A **reply**."}
    gone = {"deleted_at": "2023-03-06T09:15:00Z", "deleted_by": "mod"}
    posts = [
        {**post, "post_number": 1},
        {**post, "post_number": 2, "reply_to_post_number": 1},
        {**post, "post_number": 3, "reply_to_post_number": 2, **gone},
        {**post, "post_number": 4, "user_deleted": True},
    ]
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"latest_posts": posts}))
    items, _ = read("discourse", [path])
    first, second = records(items)
    assert first["decision"]["evidence"] == "unknown"
    assert second["parent"] == "discourse:7-2"
    assert second["decision"]["evidence"] == "person"
    assert [row.why for row in items if isinstance(row, SkippedRow)] == [
        "article",
        "deleted",
    ]
