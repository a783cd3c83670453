"""The Dockerfile, the compose file, and the units of systemd, held to rules."""

from __future__ import annotations

import configparser
import importlib.metadata
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from moderation.cli.main import main
from tests.conftest import absent
from tests.docs.pages import ROOT
from tests.test_packaging import PROJECT, named

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
INSTRUCTIONS = {
    *("FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "VOLUME", "EXPOSE"),
    *("HEALTHCHECK", "ENTRYPOINT", "CMD", "ARG", "LABEL"),
}
#: The exposure that `systemd-analyze security` may find at most, in tenths: "OK".
MAX_EXPOSURE = 20


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each with its arguments."""
    text = (DEPLOY / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [
        (words[0], words[1].strip())
        for line in joined.splitlines()
        if line.strip()
        for words in [line.split(maxsplit=1)]
    ]


def final_stage() -> list[tuple[str, str]]:
    """Return the instructions that the image is made of."""
    found = instructions()
    last = max(n for n, (name, _) in enumerate(found) if name == "FROM")
    return found[last:]


def values_of(name: str) -> list[str]:
    return [value for each, value in final_stage() if each == name]


def test_the_dockerfile_has_known_instructions_and_pinned_images() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS
    for name, value in instructions():
        if name == "FROM":
            assert re.match(r"[\w./-]+:[\w.-]+( AS \w+)?$", value), value
            assert ":latest" not in value
        if name == "RUN" and "apt-get install" in value:
            assert "apt-get update" in value
            assert "--no-install-recommends" in value
            assert "rm -rf /var/lib/apt/lists" in value
        assert name != "ADD"


def test_the_image_runs_without_rights_and_checks_its_health() -> None:
    (user,) = values_of("USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    names = [name for name, _ in final_stage()]
    assert names.index("USER") > max(n for n, name in enumerate(names) if name == "RUN")
    assert "/healthz" in values_of("HEALTHCHECK")[0]
    assert values_of("ENTRYPOINT") == ['["moderation"]']
    (command,) = values_of("CMD")
    assert yaml.safe_load(command)[0] in main.commands


def test_the_image_takes_each_package_by_its_hash_and_no_secret() -> None:
    runs = [value for name, value in instructions() if name == "RUN"]
    installs = [value for value in runs if "pip install" in value]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-index" in installs[1]
    copied = {
        source
        for name, value in instructions()
        if name == "COPY" and "--from" not in value
        for source in value.split()[:-1]
    }
    for source in copied:
        assert (ROOT / source).exists(), source
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    text = (DEPLOY / "Dockerfile").read_text()
    assert not re.search(r"MODERATION_(SECRET|EMAIL)", text)


def entries_of(lock: str) -> dict[str, set[str]]:
    """Return the hashes of each pinned package in a lock file."""
    text = (ROOT / lock).read_text()
    pattern = re.compile(r"^([\w.-]+==[\w.]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
    return {
        pin: set(re.findall(r"sha256:\w{64}", rest))
        for pin, rest in pattern.findall(text)
    }


def test_the_extras_of_the_image_are_those_that_are_tested() -> None:
    tested, extras = (
        entries_of("requirements-dev.lock"),
        entries_of("deploy/extras.lock"),
    )
    assert all(tested[pin] == hashes for pin, hashes in extras.items())
    names = {pin.partition("==")[0] for pin in extras}
    declared = PROJECT["optional-dependencies"]
    for extra in ("postgres", "redis", "oidc", "otel"):
        assert {re.match(r"[\w-]+", each)[0] for each in declared[extra]} <= names  # type: ignore[index]
    assert "psycopg-binary" in names


def test_the_packages_of_a_dask_cluster_are_those_that_are_tested() -> None:
    tested = entries_of("requirements-dev.lock")
    cluster = entries_of("deploy/scale.lock")
    assert all(tested[pin] == hashes for pin, hashes in cluster.items())
    assert {"dask", "distributed"} <= {pin.partition("==")[0] for pin in cluster}


def test_what_the_extras_need_is_locked_for_each_python() -> None:
    """Redis needs async-timeout on Python 3.11.2, which Debian 12 has."""
    locks = ("requirements.lock", "deploy/extras.lock")
    pins = [pin for lock in locks for pin in entries_of(lock)]
    locked = {pin.partition("==")[0] for pin in pins}
    extras = {pin.partition("==")[0] for pin in entries_of("deploy/extras.lock")}
    for name in extras - {"async-timeout"}:  # which newer ones don't have
        for requirement in importlib.metadata.requires(name) or ():
            marker = requirement.partition(";")[2]
            if "extra ==" in marker or "win32" in marker:
                continue
            assert named([requirement]) <= locked, (name, requirement)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, as a parser reads it."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


OURS = ("init", "migrate", "web", "worker")


def test_compose_has_each_service_with_a_health_check(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {*OURS, "postgres", "redis", "caddy"}
    for name, service in services.items():
        has_end = name in ("init", "migrate")  # they end, and have none
        is_off = service.get("healthcheck") == {"disable": True}
        assert is_off is has_end, name
        assert name == "web" or "healthcheck" in service  # that of the image
        assert service["restart"] == ("no" if has_end else "unless-stopped")
        for other, condition in service.get("depends_on", {}).items():
            assert other in services
            expected = "service_completed_successfully"
            if other != "migrate":
                expected = "service_healthy"
            assert condition == {"condition": expected}


def test_compose_gives_our_services_no_rights(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged")
        assert "latest" not in service["image"]
        assert re.search(r":\d", service["image"])
        if name in (*OURS, "redis", "caddy"):
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
    published = [name for name, each in compose["services"].items() if "ports" in each]
    assert published == ["caddy"]
    assert compose["networks"]["data"]["internal"] is True
    assert compose["services"]["postgres"]["networks"] == ["data"]


def test_compose_holds_no_secret(compose: dict[str, Any]) -> None:
    assert set(compose["secrets"]) == {"database_password"}
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert name.endswith("_FILE") or not re.search("PASSWORD|KEY|SECRET", name)
            assert "@" not in str(value)
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"deploy/settings/", "deploy/secrets/", "deploy/.env"} <= set(ignored)


def test_what_compose_refers_to_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    volumes = {
        mount.partition(":")[0]
        for service in services.values()
        for mount in service.get("volumes", [])
    }
    named = {each for each in volumes if not each.startswith(".")}
    assert named == set(compose["volumes"])
    assert (DEPLOY / "Caddyfile").is_file()
    assert (ROOT / services["web"]["build"]["dockerfile"]).is_file()
    assert services["web"]["image"] == f"moderation:{PROJECT['version']}"
    for name in ("migrate", "web", "worker"):
        assert services[name]["command"][0] in main.commands
    options = {each for p in main.commands["init"].params for each in p.opts}
    given = [word.partition("=")[0] for word in services["init"]["entrypoint"][2:]]
    assert set(given) <= options


def unit_of(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    return unit


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_of_ours_as_a_user_without_rights(path: Path) -> None:
    service = unit_of(path)["Service"]
    command = re.search(r"/opt/moderation/bin/moderation (\S+)", service["ExecStart"])
    assert command
    assert command[1] in main.commands
    assert service["User"] == "moderation"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["Environment"].endswith("=/etc/moderation/settings.env")


def test_systemd_takes_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        absent("systemd-analyze (the package systemd)")
    units = []
    for path in UNITS:
        unit = tmp_path / path.name
        # The program is not installed here.
        unit.write_text(
            path.read_text().replace("/opt/moderation/bin/moderation", "/bin/true")
        )
        units.append(str(unit))
    checked = subprocess.run(
        [program, "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    closed = [unit for unit in units if unit.endswith(".service")]
    rated = subprocess.run(
        [program, "security", "--offline=true", f"--threshold={MAX_EXPOSURE}", *closed],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_PAGER": "", "PATH": "/usr/bin:/bin"},
    )
    assert rated.returncode == 0, rated.stdout + rated.stderr
