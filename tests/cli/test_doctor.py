"""`moderation doctor`: each finding, what it advises, and that nothing is changed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import has_app_context
from sqlalchemy.orm import Session

from classifiers.serving import artifact
from moderation import installation, migration
from moderation.cli.main import main
from moderation.database import db
from moderation.monitoring import readiness, setup_checks
from moderation.monitoring.findings import Severity
from moderation.tables.jobs import Heartbeat
from moderation.tables.models import Model
from tests.builders import ALL_HELD, Newsroom
from tests.cli.doctored import DAMAGES, SETTINGS, Damage, damage
from tests.refusals import on_sqlite
from tests.renamed_model import renamed_file


@pytest.fixture
def sound(newsroom: Newsroom, environment: dict[str, str]) -> dict[str, str]:
    """An installation in which nothing is to be found; its settings."""
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    session, now, file = db.session(), datetime.now(UTC), renamed_file("gazette")
    session.add(Heartbeat(name=readiness.WORKER, beaten_at=now))
    session.add(
        Model(
            site_id=newsroom.site_id,
            version=artifact.loads(file).version,
            base_version="base",
            artifact=file,
            report={},
            created_at=now,
        )
    )
    session.commit()
    db.session.remove()
    return {**environment, **SETTINGS}


def examine(environment: dict[str, str], *words: str) -> tuple[Result, dict[str, Any]]:
    """Run the doctor; return what it printed, and the findings by check."""
    if has_app_context():
        db.session.remove()
    result = CliRunner(env=environment).invoke(main, ["doctor", "--json", *words])
    assert not result.exception or isinstance(result.exception, SystemExit)
    body = json.loads(result.stdout)
    return result, {check["name"]: check for check in body["checks"]}


def contents(environment: dict[str, str]) -> dict[str, list[str]]:
    """Return all rows of all tables."""
    engine = sa.create_engine(environment["DATABASE_URL"])
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names()) - {migration.SEARCH}
        rows = {
            name: sorted(
                map(repr, connection.execute(sa.text(f"SELECT * FROM {name}")))
            )
            for name in names
        }
    engine.dispose()
    return rows


def test_nothing_is_found_and_nothing_written_where_all_is_in_order(
    sound: dict[str, str],
) -> None:
    before = contents(sound)
    result, checks = examine(sound)
    assert result.exit_code == 0, result.output
    states = {name: check["state"] for name, check in checks.items()}
    programs = states.pop("programs")  # pg_dump may be missing here
    assert set(states.values()) == {"ok"}, checks
    assert programs in ("ok", "warning")
    assert contents(sound) == before


@on_sqlite
@pytest.mark.parametrize("check", sorted({case.check for case in DAMAGES}))
def test_each_damage_is_found_with_what_to_do(
    sound: dict[str, str], check: str, tmp_path: Path
) -> None:
    for case in DAMAGES:
        if case.check == check:
            broken = damage(case, sound, tmp_path)
            before = contents(broken)
            assert_found(case, *examine(broken))
            assert contents(broken) == before


def assert_found(case: Damage, result: Result, checks: dict[str, Any]) -> None:
    found = checks[case.check]
    assert found["state"] == case.severity, (case.name, checks)
    texts = " ".join(f["text"] + " " + f["advice"] for f in found["findings"])
    for expected in case.says:
        assert expected in texts, (case.name, texts)
    assert result.exit_code == (1 if case.severity == "fault" else 0)
    others = {each["state"] for name, each in checks.items() if name != case.check}
    assert others <= {"ok", *case.others}, (case.name, checks)


@on_sqlite
def test_findings_read_well_on_a_terminal_of_100_columns(
    sound: dict[str, str],
) -> None:
    db.session.remove()
    broken = {**sound, "MODERATION_PUBLIC_URL": ""}
    lines = CliRunner(env=broken).invoke(main, ["doctor"]).output.splitlines()
    assert lines[0] == "warning      settings"
    assert "ok           audit log" in lines
    assert any(line.startswith(" " * 13 + "→ Set it to") for line in lines)
    assert lines[-1].startswith("Faults: 0, warnings: ")
    assert max(map(len, lines)) <= 100


@on_sqlite
def test_one_check_can_be_made_alone(sound: dict[str, str]) -> None:
    broken = {**sound, "MODERATION_PUBLIC_URL": ""}
    _, checks = examine(broken, "--only", "worker")
    assert set(checks) == {"database", "migrations", "worker"}
    _, checks = examine(broken, "--only", "settings")
    assert set(checks) == {"settings"}
    assert checks["settings"]["state"] == "warning"


@on_sqlite
def test_what_is_safe_is_fixed_and_recorded(
    sound: dict[str, str], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.execute(sa.text("DELETE FROM search_texts"))
    session.commit()
    _, checks = examine(sound)
    assert checks["comments"]["findings"][0]["can_be_fixed"]
    result, checks = examine(sound, "--fix")
    assert result.exit_code == 0
    assert checks["comments"]["state"] == "fixed"
    assert session.scalar(sa.text("SELECT count(*) FROM search_backlog")) == 1
    assert session.scalar(
        sa.text("SELECT details FROM audit_entries ORDER BY sequence DESC LIMIT 1")
    ) == json.dumps({"command": "doctor"})
    _, checks = examine(sound)
    assert checks["comments"]["state"] == "ok"  # the worker indexes now


@on_sqlite
def test_the_settings_file_is_closed_to_others_by_fix(
    sound: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "settings.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in sound.items()))
    file.chmod(0o644)
    named = {installation.FILE_VARIABLE: str(file)}
    result, checks = examine(named)
    assert result.exit_code == 1
    assert "mode 644" in checks["files"]["findings"][0]["text"]
    assert file.stat().st_mode & 0o777 == 0o644
    result, checks = examine(named, "--fix")
    assert checks["files"]["state"] == "fixed"
    assert file.stat().st_mode & 0o777 == 0o600


def test_missing_settings_are_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result, checks = examine({"MODERATION_SECRET_KEY": "", "DATABASE_URL": "mysql://x"})
    assert result.exit_code == 1
    text = checks["settings"]["findings"][0]["text"]
    assert "MODERATION_SECRET_KEY is missing" in text
    assert "moderation init" in text
    assert checks["worker"]["state"] == "not checked"


@on_sqlite
def test_a_missing_database_is_not_made(sound: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "nowhere.sqlite"
    result, checks = examine({**sound, "DATABASE_URL": f"sqlite:///{path}"})
    assert result.exit_code == 1
    assert "There is no database" in checks["database"]["findings"][0]["text"]
    assert checks["audit log"]["state"] == "not checked"
    assert not path.exists()


@on_sqlite
def test_a_database_that_is_away_is_a_finding(sound: dict[str, str]) -> None:
    url = "postgresql://moderation@127.0.0.1:1/moderation"
    result, checks = examine({**sound, "DATABASE_URL": url})
    assert result.exit_code == 1
    assert "doesn't answer" in checks["database"]["findings"][0]["text"]
    assert checks["migrations"]["state"] == "not checked"


@on_sqlite
@pytest.mark.parametrize(
    ("free", "state", "says"),
    [
        (readiness.MIN_FREE_BYTES - 1, "fault", "will soon refuse"),
        (setup_checks.LOW_BYTES - 1, "warning", "a backup needs as much again"),
        (setup_checks.LOW_BYTES, "ok", ""),
    ],
)
def test_a_full_disk_is_found(
    sound: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    state: str,
    says: str,
) -> None:
    usage = SimpleNamespace(total=10**12, used=0, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    _, checks = examine(sound)
    assert checks["disk"]["state"] == state
    assert says in json.dumps(checks["disk"], ensure_ascii=False)


class _Elsewhere:
    """A database on another machine, whose clock is wrong."""

    dialect = SimpleNamespace(name="postgresql")

    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers

    def get_bind(self) -> Any:
        return self

    def scalar(self, _: Any) -> Any:
        return self.answers.pop(0)


def test_clocks_that_differ_are_found() -> None:
    now = datetime.now(UTC)
    there = now - timedelta(seconds=90)
    session: Any = _Elsewhere([there, now, now])
    examined: Any = type("Examined", (), {"session": session, "now": now})
    (finding,) = setup_checks.check_clock(examined)
    assert "differ by 90 s" in finding.text
    session.answers = [now, now, now]
    assert setup_checks.check_clock(examined) == []


@pytest.mark.parametrize(
    ("version", "says"),
    [(None, "is missing"), (14, "is of version 14"), (16, ""), (17, "")],
)
def test_an_old_pg_dump_is_found(
    monkeypatch: pytest.MonkeyPatch, version: int | None, says: str
) -> None:
    monkeypatch.setattr(setup_checks, "_version_of", lambda _: version)
    session: Any = _Elsewhere(["160004"])
    examined: Any = type("Examined", (), {"session": session})
    texts = [finding.text for finding in setup_checks.check_programs(examined)]
    assert bool(texts) is bool(says)
    assert all(says in text for text in texts)


def test_the_version_of_a_program_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(
        "#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.13 (Debian 15.13-0)'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert setup_checks._version_of("pg_dump") == 15
    assert setup_checks._version_of("pg_restore") is None


def test_a_redis_that_is_away_is_found() -> None:
    settings: Any = type("Settings", (), {})()
    examined: Any = type("Examined", (), {"settings": settings})
    settings.rate_limit_storage = "redis://127.0.0.1:1/0"
    (finding,) = setup_checks.check_rate_limits(examined)
    assert "doesn't answer" in finding.text
    settings.rate_limit_storage = "database://"
    assert setup_checks.check_rate_limits(examined) == []


@pytest.mark.parametrize(
    ("scheduler", "is_open"),
    [
        ("", False),
        ("tls://scheduler.example:8786", False),
        ("tcp://127.0.0.1:8786", False),
        ("tcp://[::1]:8786", False),
        ("tcp://localhost:8786", False),
        ("tcp://10.0.0.7:8786", True),
        ("tcp://scheduler.example:8786", True),
        ("tcp://127.scheduler.example:8786", True),
        ("ws://scheduler.example:8786", True),
    ],
)
def test_a_dask_scheduler_on_the_network_without_tls_is_found(
    scheduler: str, is_open: bool
) -> None:
    settings: Any = type("Settings", (), {"dask_scheduler": scheduler})()
    examined: Any = type("Examined", (), {"settings": settings})
    findings = setup_checks.check_cluster(examined)
    assert [each.severity for each in findings] == [Severity.WARNING] * is_open
    assert all("without TLS" in each.text for each in findings)
