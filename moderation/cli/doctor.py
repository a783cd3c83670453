"""The command that examines an installation and says what to do."""

from __future__ import annotations

import contextlib
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from moderation import config, installation
from moderation.cli.app import open_app, record_run
from moderation.database import db, start_writing
from moderation.errors import ConfigurationError
from moderation.monitoring import data_checks, setup_checks
from moderation.monitoring.findings import Check, Examined, Finding, Severity, fault

WIDTH = 88  # columns
OK, NOT_CHECKED, FIXED = "ok", "not checked", "fixed"
#: In this order. Those of the second table need a database of this release.
ALWAYS: dict[str, Check] = {
    "settings": setup_checks.check_settings,
    "files": setup_checks.check_files,
}
OF_DATABASE: dict[str, Check] = {
    "integrity": data_checks.check_integrity,
    "keys": data_checks.check_keys,
    "audit log": data_checks.check_audit_log,
    "models": data_checks.check_models,
    "comments": data_checks.check_comments,
    "clock": setup_checks.check_clock,
    "disk": setup_checks.check_disk,
    "programs": setup_checks.check_programs,
    "rate limits": setup_checks.check_rate_limits,
    "cluster": setup_checks.check_cluster,
    "worker": data_checks.check_worker,
    "backlogs": data_checks.check_backlogs,
}
REACHED = ("database", "migrations")  # made wherever one of the second table is
NAMES = (*ALWAYS, *REACHED, *OF_DATABASE)


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """How one check ended."""

    name: str
    state: str  #: ok, warning, fault, fixed, or not checked
    findings: Sequence[Finding] = ()


@click.command()
@click.option(
    "--fix", is_flag=True, help="Set right what is safe: file modes, missing index"
)
@click.option(
    "--only",
    "names",
    multiple=True,
    type=click.Choice(NAMES),
    metavar="CHECK",
    help="Make this check alone, such as worker; repeat it for several",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def doctor(fix: bool, names: tuple[str, ...], as_json: bool) -> None:
    """Examine the installation, and say what to do about each finding.

    It checks the settings, the database and its revision, keys, the chain of the audit
    log, models, comments, the clock, free space, the worker, and backlogs. Nothing is
    changed without --fix. The status is 1 if there is a fault, and 0 if there are
    warnings alone.
    """
    results = []
    for result in _results(fix, names or NAMES):
        results.append(result)
        if not as_json:
            for line in _lines(result):
                click.echo(line)
    states = [result.state for result in results]
    if as_json:
        click.echo(json.dumps(_body(results), indent=2, ensure_ascii=False))
    else:
        click.echo(_summary(states))
    if Severity.FAULT in states:
        sys.exit(1)


def _results(fix: bool, names: Sequence[str]) -> Iterator[CheckResult]:
    """Run checks, one after the other, after those that they rest on."""
    try:
        settings = config.load(installation.environment())
    except ConfigurationError as error:
        advice = "Correct the settings file, or the environment."
        yield _result("settings", fault(str(error), advice))
        yield from _not_checked(NAMES[1:], names)
        return
    services = open_app(is_recorded=False)  # nothing is written but by --fix
    examined = Examined(
        session=db.session(),
        settings=settings,
        environment=dict(installation.environment()),
        settings_file=installation.find_settings_file(),
        keys=services.keys,
        audit_key=services.audit_key,
        scoring=services.scoring,
        now=datetime.now(UTC),
    )
    for name, check in ALWAYS.items():
        if name in names:
            yield _run(name, check, examined, fix)
    if not {*REACHED, *OF_DATABASE} & set(names):
        return
    reached = _run("database", _check_reachable, examined, fix)
    yield reached
    if reached.state == OK:
        reached = _run("migrations", setup_checks.check_migrations, examined, fix)
        yield reached
    else:
        yield from _not_checked(["migrations"], names)
    if reached.state != OK:
        yield from _not_checked(list(OF_DATABASE), names)
        return
    for name, check in OF_DATABASE.items():
        if name in names:
            yield _run(name, check, examined, fix)


def _run(name: str, check: Check, examined: Examined, fix: bool) -> CheckResult:
    """Run one check, fix what it can if wanted, and look again."""
    with _shown(name):
        findings = _find(check, examined)
        fixes = [each.fix for each in findings if each.fix is not None]
        if not fix or not fixes:
            return _result(name, findings)
        is_stored = name in OF_DATABASE
        if is_stored:
            start_writing(examined.session)
        for each in fixes:
            each()
        if is_stored:
            examined.session.commit()
        findings_left = _find(check, examined)
    if is_stored:
        record_run()
    fixed = [each for each in findings if each not in findings_left]
    if findings_left:
        return _result(name, findings_left)
    return CheckResult(name=name, state=FIXED, findings=fixed)


def _find(check: Check, examined: Examined) -> Sequence[Finding]:
    try:
        findings = check(examined)
        examined.session.commit()  # no transaction stays open during the next check
        return findings
    except SQLAlchemyError as error:
        examined.session.rollback()
        reason = str(getattr(error, "orig", error)).partition("\n")[0]
        return fault(
            f"The database doesn't answer: {reason}.",
            "Check DATABASE_URL, and that the database runs.",
        )


def _check_reachable(examined: Examined) -> Sequence[Finding]:
    """Check that the database answers; an embedded one isn't made by that."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return fault(
            f"There is no database at {url.database}.",
            "Run `moderation migrate`, or `moderation restore`, or correct "
            "DATABASE_URL.",
        )
    examined.session.execute(sa.text("SELECT 1"))
    return []


@contextlib.contextmanager
def _shown(name: str) -> Iterator[None]:
    """Show on a terminal which check goes on: some take long."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(f"…            {name}\r", err=True, nl=False)
    yield
    click.echo("\x1b[2K", err=True, nl=False)


def _result(name: str, findings: Sequence[Finding]) -> CheckResult:
    if not findings:
        return CheckResult(name=name, state=OK)
    severities = {finding.severity for finding in findings}
    worst = Severity.FAULT if Severity.FAULT in severities else Severity.WARNING
    return CheckResult(name=name, state=worst, findings=findings)


def _not_checked(checks: Sequence[str], names: Sequence[str]) -> Iterator[CheckResult]:
    for name in checks:
        if name in names:
            yield CheckResult(name=name, state=NOT_CHECKED)


def _lines(result: CheckResult) -> Iterator[str]:
    yield f"{result.state:<12} {result.name}"
    for finding in result.findings:
        yield from _wrapped(finding.text, " " * 13)
        if result.state != FIXED:
            yield from _wrapped(f"→ {finding.advice}", " " * 13)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width=WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(states: Sequence[str]) -> str:
    faults, warnings = states.count(Severity.FAULT), states.count(Severity.WARNING)
    unchecked = states.count(NOT_CHECKED)
    if not (faults or warnings):
        return "Everything is in order."
    return f"Faults: {faults}, warnings: {warnings}, not checked: {unchecked}."


def _body(results: Sequence[CheckResult]) -> dict[str, Any]:
    states = [result.state for result in results]
    worst = next(
        (each.value for each in (Severity.FAULT, Severity.WARNING) if each in states),
        OK,
    )
    return {
        "status": worst,
        "checks": [
            {
                "name": result.name,
                "state": str(result.state),
                "findings": [
                    {
                        "severity": finding.severity.value,
                        "text": finding.text,
                        "advice": finding.advice,
                        "can_be_fixed": finding.fix is not None,
                    }
                    for finding in result.findings
                ],
            }
            for result in results
        ],
    }
