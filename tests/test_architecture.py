"""The rooms of the house: who may import whom, who is guarded, who may commit."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from moderation import create_app
from moderation.compat.akismet.calls import CALLS
from moderation.config import Settings, variable
from moderation.console.navigation import every_page
from moderation.sites.keys import KeyScope
from tests.builders import ENVIRONMENT

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / "docs" / "settings.md"
WEB = {
    "flask",
    "werkzeug",
    "sqlalchemy",
    "marshmallow",
    "webargs",
    "huey",
    "moderation",
}

#: Modules outside of the HTTP edges and the processes that commit, with the reason.
COMMITTING = {
    "comments/intake.py": "tries again when another process stores the same comment",
    "importing/ingestion.py": "stores a batch at a time, to go on where it stopped",
    "learning/vectors.py": "stores a batch at a time, and others write between two",
    "rekeying/sweeps.py": "goes on for hours, and others write between two batches",
    "database.py": "takes SQLite's write lock, which begins a transaction",
}

# Open to everybody, on purpose.
OPEN = {
    "api-docs.openapi_json": "the document",
    "reference.page": "the document, to browse",
    "reference.asset": "its looks",
    "reference.static": "its looks",
    "health.read_health": "for load balancers",
    "health.read_readiness": "for operators",
    "metrics.read_metrics": "guarded by the token of the installation",
    "session.log_in": "here one gets a token",
    "account.use_password_link": "the link itself is the proof, with a rate limit",
    "akismet.serve": "the call inside is guarded; verify-key is asked of any key",
    "akismet.serve_from_query": "the same call, with its fields in the query",
    "openai.miss": "what is no call, answered in that protocol's shape",
    "azure.miss": "the same, in that protocol's shape",
    "coral.miss": "likewise",
    "perspective.ask_before": "a preflight request, before the guarded one",
    "perspective.discover": "describes the calls, which are guarded",
    "perspective.miss": "what is no call, answered in that protocol's shape",
    "notices.write": "anybody can notify of illegal content, without an account",
    "notices.send": "its form, with a rate limit",
    "notices.read": "the link itself is the proof",
    "notices.complain": "the link itself is the proof, with a rate limit",
    "notices.miss": "its missing pages",
    "console.read_login": "here one gets the console's cookie",
    "console.log_in": "its form, with a rate limit",
    "console.show_code": "the form for the code after the password",
    "console.read_password_link": "the link itself is the proof",
    "console.use_password_link": "the link itself is the proof, with a rate limit",
    "console.read_confirmation": "the link itself is the proof",
    "console.confirm_address": "the link itself is the proof, with a rate limit",
    "console.start_sign_on": "leads to the identity provider, with a rate limit",
    "console.finish_sign_on": "the provider's answer is the proof, with a rate limit",
    "console.log_out": "ends the token that the cookie holds",
    "console.choose_language": "keeps nothing but a cookie",
    "console.choose_site": "in this browser; the API guards each site",
    "console.choose_theme": "of the pages, in this browser",
    "console.read_texts": "the words of its pages",
    "console.miss": "its missing pages",
    "console.static": "its looks",
    "authors.read": "who has the signed link is the comment's author",
    "authors.appeal": "the link itself is the proof, with a rate limit",
    "authors.miss": "its missing pages",
    "authors.static": "its looks",
    "person.read": "who has the signed link is the person, with a rate limit",
    "person.download": "the same link, with a rate limit",
    "person.ask_erasure": "the same link, with a rate limit",
    "person.miss": "its missing pages",
    "entrance.lead": "leads to the log-in",
    "demo.read": "an article page",
    "demo.send": "its form, with a rate limit",
    "demo.send_from_script": "the same from its script",
    "embed.read_thread": "what every reader sees; it checks the key of a page",
    "embed.send_script": "a script without data",
    "embed.send_style": "its page's style",
    "demo.miss": "its missing pages",
    "demo.static": "its looks",
}


def modules(package: str) -> list[Path]:
    return sorted(
        path
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    )


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names of all that a module imports, wherever it does."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the floor"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def edges() -> set[str]:
    """Return the rooms from `web` up, as the contract in pyproject.toml ranks them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
    (layers,) = (
        contract["layers"]
        for contract in contracts
        if contract.get("containers") == ["moderation"]
    )
    floors = [set(re.split(r" [:|] ", layer)) for layer in layers]
    upper = floors[: floors.index({"web"}) + 1]
    return set().union(*upper) | {"__init__", "__main__"}


def room_of(path: Path) -> str:
    """Return the top-level room of a module of the service."""
    part = path.relative_to(ROOT / "moderation").parts[0]
    return part.removesuffix(".py")


BELOW_THE_WEB = [p for p in modules("moderation") if room_of(p) not in edges()]


@pytest.mark.parametrize("path", modules("classifiers"), ids=lambda path: path.name)
def test_the_classifiers_know_no_web(path: Path) -> None:
    assert {name.split(".")[0] for name in imported(path)} & WEB == set()


@pytest.mark.parametrize(
    "path", BELOW_THE_WEB, ids=lambda path: str(path.relative_to(ROOT))
)
def test_nothing_below_the_web_knows_flask(path: Path) -> None:
    names = {name.split(".")[0] for name in imported(path)}
    assert names & {"flask", "flask_smorest", "werkzeug"} == set()


@pytest.mark.parametrize(
    "path", BELOW_THE_WEB, ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_use_case_commits(path: Path) -> None:
    calls = {
        node.func.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    name = path.relative_to(ROOT / "moderation").as_posix()
    assert ("commit" in calls) == (name in COMMITTING)


#: Who writes what: the columns of a comment that have one owner.
WRITERS = {
    "status": "comments/decisions.py",
    "version": "comments/decisions.py",
    "claimed_by": "comments/claims.py",
    "claimed_until": "comments/claims.py",
    "claimed_at": "comments/claims.py",
}
#: The decision log: new decisions, and those that an import brings with new comments.
DECIDING = {"comments/decisions.py", "comments/imported_decisions.py"}
#: Other tables have a column of that name, too.
OTHERS = {"look", "webhook", "self", "rule", "campaign"}


def written(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the columns with one owner that a module writes, and to what.

    By an assignment to an attribute, or by an UPDATE of comments or QA samples.
    """
    for node in ast.walk(parsed(path)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                yield target.attr, target.value.id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr != "values" or "update(Comment)" not in ast.unparse(node):
                continue
            names = {word.arg for word in node.keywords if word.arg}
            for argument in node.args:
                if isinstance(argument, ast.Dict):
                    names |= {
                        str(key.value)
                        for key in argument.keys
                        if isinstance(key, ast.Constant)
                    }
            yield from ((name, "Comment") for name in names)


@pytest.mark.parametrize(
    "path", modules("moderation"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_decisions_status_and_claims_have_one_writer(path: Path) -> None:
    name = path.relative_to(ROOT / "moderation").as_posix()
    for column, target in written(path):
        owner = WRITERS.get(column, name)
        assert name == owner or target in OTHERS, f"{target}.{column}"
    made = [
        ast.unparse(node)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) == "Decision"
            or ast.unparse(node).startswith("sa.insert(Decision")
        )
    ]
    assert not made or name in DECIDING, made


EVERYTHING = [*modules("moderation"), *modules("classifiers")]
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 7
MAX_FILE_LINES = 400


@pytest.mark.parametrize(
    "path", EVERYTHING, ids=lambda path: str(path.relative_to(ROOT))
)
def test_modules_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, node.name
            asked = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            names = [argument.arg for argument in asked]
            assert len(set(names) - {"self", "cls"}) <= MAX_PARAMETERS, node.name


def test_a_class_name_is_unique() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in EVERYTHING:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_service_hangs_on_a_string() -> None:
    """Collaborators are fields of `web.services.Services`."""
    name = "moderation/web/services.py"
    for path in modules("moderation"):
        if path != ROOT / name:
            assert not re.search(r"extensions\[", path.read_text()), path


def test_loose_modules_stay_few() -> None:
    loose = [
        path for path in modules("moderation") if len(path.parts) == len(ROOT.parts) + 2
    ]
    assert len(loose) <= 16


@pytest.mark.parametrize(
    "path",
    [path for path in modules("moderation") if path.name == "__init__.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_package_tells_its_job_and_exports_nothing(path: Path) -> None:
    if path.parent == ROOT / "moderation":
        return  # puts the service together
    body = parsed(path).body[1:]
    if path.parent.name == "tables":  # one known table must make all of them known
        body = [node for node in body if not isinstance(node, ast.ImportFrom)]
    assert body == [], "a docstring of one sentence, no code"


@pytest.mark.parametrize(
    "path",
    [*modules("moderation"), *modules("classifiers")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    told = ast.get_docstring(parsed(path))
    assert told
    assert told.splitlines()[0].endswith((".", ":", "?", "!"))


@pytest.fixture(scope="module")
def served() -> Flask:
    """The whole service with the demo, without calls."""
    return create_app(
        {**ENVIRONMENT, "DATABASE_URL": "sqlite://", "MODERATION_DEMO": "true"}
    )


def test_every_view_is_guarded_or_open_on_purpose(served: Flask) -> None:
    unguarded = {
        name for name, view in served.view_functions.items() if not _security_of(view)
    }
    assert unguarded == set(OPEN) & set(served.view_functions)


def test_every_call_with_a_site_key_names_its_scope(served: Flask) -> None:
    """Coral's, which are signed with another secret, and Akismet's, in one view."""
    unnamed = set()
    for name, view in served.view_functions.items():
        security = getattr(view, "_apidoc", {}).get("manual_doc", {}).get("security")
        scopes = [each["siteKey"] for each in security or [] if "siteKey" in each]
        if scopes and scopes != [[getattr(view, "scope", None)]]:
            unnamed.add(name)
    assert unnamed == {"coral.moderate"}
    assert {call.scope for call in CALLS.values()} == {
        KeyScope.SUBMIT,
        KeyScope.MANAGE,
    }


def _security_of(view: object) -> object:
    """Return what the guards of the API, or of the console's pages, wrote on a view."""
    if hasattr(view, "shown_to"):
        return view.shown_to
    documented = getattr(view, "_apidoc", {})
    return documented.get("manual_doc", {}).get("security")


def test_a_page_is_shown_to_whom_the_bar_leads_there(served: Flask) -> None:
    for page in every_page():
        view = served.view_functions[f"console.{page.endpoint}"]
        assert getattr(view, "shown_to", None) is page.role, page.endpoint


def test_what_is_open_is_there(served: Flask) -> None:
    assert set(OPEN) - set(served.view_functions) == set()


def test_the_guard_is_written_by_the_guards_alone() -> None:
    writing = {
        path.name
        for path in modules("moderation")
        if re.search(r"\bsecurity=", path.read_text())
    }
    assert writing == {"auth.py"}


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented(field: object) -> None:
    name = variable(getattr(field, "name", ""))
    metadata = getattr(field, "metadata", {})
    rows = re.findall(
        rf"^\| `{name}` \| (.+?) \| (.+) \|$",
        SETTINGS.read_text(),
        re.MULTILINE,
    )
    assert len(rows) == 1, f"{name} needs one row in docs/settings.md"
    default, meaning = rows[0]
    expected = {None: "**required**", "": "empty"}.get(
        metadata["default"], f"`{metadata['default']}`"
    )
    assert default == expected
    assert meaning == metadata["meaning"]


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {variable(field.name) for field in fields(Settings)}
    text = SETTINGS.read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)) == known
