"""A real WordPress with its Akismet plugin, unmodified, led here as the docs say."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from moderation.importing.drafts import ReadOptions
from moderation.importing.dry_run import read_once
from moderation.importing.files import UnreadableFile
from moderation.importing.findings import FileFindings
from moderation.importing.live_site import LiveSite
from moderation.importing.readers.wordpress_rest import WordPressSite
from moderation.importing.records import ImportRecord
from moderation.policy.verdicts import Status
from tests.conftest import absent
from tests.docs import shell
from tests.docs.pages import blocks
from tests.protocols.conftest import ROOT, Live

PACKAGE = Path("/usr/share/wordpress")  # where Debian puts it
DRIVER = Path(__file__).parent / "wordpress" / "drive.php"
PAGE = ROOT / "docs" / "migrate" / "akismet-wordpress.md"
DOCUMENTED = "https://moderation.gazette.example/"
SECONDS = 60

CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', false);
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords, without TLS
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
# WordPress lets no one comment twice in 15 seconds; a test can't wait.
NO_FLOOD = "<?php add_filter('wp_is_comment_flood', '__return_false', 99);"


@dataclass(frozen=True, kw_only=True)
class WordPress:
    """A blog, served."""

    folder: Path
    url: str

    def run(self, action: str, argument: str = "") -> Any:
        """Do something in it as its administrator."""
        done = subprocess.run(
            ["php", "drive.php", action, argument],
            cwd=self.folder,
            env={**os.environ, "BLOG": self.url},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    def lead_to(self, url: str) -> None:
        """Write the lines that the docs tell one to write, for an address."""
        (code,) = re.findall(r"```php\n(.*?)```", PAGE.read_text(), re.DOTALL)
        assert DOCUMENTED in code
        plugins = self.folder / "wp-content" / "mu-plugins"
        plugins.mkdir(exist_ok=True)
        (plugins / "moderation.php").write_text(code.replace(DOCUMENTED, f"{url}/"))
        (plugins / "no-flood.php").write_text(NO_FLOOD)

    def comment(self, author: str, text: str) -> None:
        """Send a comment by the blog's own form."""
        form = {
            "author": author.title(),
            "email": f"{author}@mail.example",
            "url": "",
            "comment": text,
            "comment_post_ID": "1",
        }
        path = f"{self.url}/wp-comments-post.php"
        answer = requests.post(path, form, allow_redirects=False, timeout=SECONDS)
        assert answer.status_code == 302, answer.text[-1000:]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a MariaDB of our own."""
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd")
    if install is None or server is None:
        absent("MariaDB (Debian: apt install mariadb-server)")
    # A socket's path must be short.
    folder = Path(tmp_path_factory.mktemp("sql"))
    user = getpass.getuser()
    common = ["--no-defaults", f"--datadir={folder}/data", f"--user={user}"]
    root = "--auth-root-authentication-method=normal"
    subprocess.run(
        [install, *common, root, "--skip-test-db"], check=True, capture_output=True
    )
    path, pid = folder / "s", folder / "pid"
    process = subprocess.Popen(
        [server, *common, "--skip-networking", f"--socket={path}", f"--pid-file={pid}"],
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: _connects(socket.AF_UNIX, str(path)))
        query = "CREATE DATABASE wordpress"
        command = ["mariadb", "--no-defaults", "--user=root", f"--socket={path}"]
        subprocess.run([*command, "-e", query], check=True)
        yield path
    finally:
        process.terminate()
        process.wait(SECONDS)


@pytest.fixture(scope="module")
def blog(
    database: Path, live: Live, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WordPress]:
    """A WordPress with the plugin, led to the live service."""
    if shutil.which("php") is None or not PACKAGE.is_dir():
        absent("WordPress (Debian: apt install wordpress php-cli php-mysql)")
    folder = tmp_path_factory.mktemp("wordpress") / "site"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("wp-config.php"))
    (folder / "wp-config.php").write_text(CONFIG.format(socket=database))
    shutil.copy(DRIVER, folder)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    made = WordPress(folder=folder, url=f"http://127.0.0.1:{port}")
    made.lead_to(live.url)
    assert made.run("install")
    process = subprocess.Popen(
        # With its cache, it would see a changed file two seconds late.
        ["php", "-d", "opcache.enable=0", "-S", f"127.0.0.1:{port}", "-t", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: _connects(socket.AF_INET, ("127.0.0.1", port)))
        yield made
    finally:
        process.terminate()
        process.wait(SECONDS)


def _connects(family: int, address: Any) -> bool:
    with socket.socket(family) as tried:
        return tried.connect_ex(address) == 0


def _wait(is_there: Any) -> None:
    for _ in range(SECONDS * 10):
        with contextlib.suppress(OSError):
            if is_there():
                return
        time.sleep(0.1)
    raise TimeoutError


def reported(live: Live, site: str, verdict: str) -> list[str]:
    """Return the authors of what moderators see as reported over Akismet."""
    answer = requests.get(
        f"{live.url}/api/v1/decided?source=akismet&verdict={verdict}",
        headers={"Authorization": f"Bearer {live.tokens[site]}"},
        timeout=SECONDS,
    )
    return [each["author_name"] for each in answer.json()["comments"]]


def test_the_key_is_taken(blog: WordPress, live: Live) -> None:
    assert blog.run("use_key", live.keys["approve"]) == "valid"
    assert blog.run("use_key", "a" * 12) == "invalid"


def test_a_fine_comment_is_published_and_can_be_reported(
    blog: WordPress, live: Live
) -> None:
    blog.run("use_key", live.keys["approve"])
    blog.comment("ada", "The ferry was never cheap either.")
    assert blog.run("status", "ada") == "approved"
    assert blog.run("report", "ada spam") == "true"
    assert "Ada" in reported(live, "approve", "reject")


def test_what_is_rejected_is_put_into_spam_and_can_be_put_right(
    blog: WordPress, live: Live
) -> None:
    blog.run("use_key", live.keys["reject"])
    blog.comment("bob", "Buy my pills.")
    assert blog.run("status", "bob") == "spam"
    assert blog.run("report", "bob ham") == "false"
    assert "Bob" in reported(live, "reject", "approve")


def test_what_waits_is_held_where_the_site_asks_for_it(
    blog: WordPress, live: Live
) -> None:
    # Debian's plugin is older than 5.5, and knows of no third state.
    blog.run("use_key", live.keys["review as spam"])
    blog.comment("eve", "Somebody should look at this.")
    assert blog.run("status", "eve") == "spam"


def test_a_service_that_is_gone_publishes_nothing(blog: WordPress, live: Live) -> None:
    blog.run("use_key", live.keys["approve"])
    blog.lead_to("http://127.0.0.1:9")  # nothing listens there
    blog.comment("zoe", "Is anybody there?")
    assert blog.run("status", "zoe") == "unapproved"
    blog.lead_to(live.url)


def test_a_live_blog_is_read_over_its_rest_api(blog: WordPress) -> None:
    password = blog.run("fill", "110 Ferry &amp; bridge")
    options = ReadOptions(source="wordpress", now=datetime.now(UTC))

    def read(
        user: str | None = None, password: str | None = None
    ) -> list[ImportRecord]:
        site = LiveSite(
            url=f"{blog.url}/",
            networks=["127.0.0.0/8"],
            user=user,
            password=password,
        )
        rows = read_once(WordPressSite(site).read, options, FileFindings())
        found = [row for row in rows if isinstance(row, ImportRecord)]
        return [row for row in found if row.article_title == "Ferry & bridge"]

    published = read()
    assert len(published) == 93
    assert {row.status for row in published} == {Status.APPROVED}
    assert all(row.author_email is None for row in published)
    everything = read(user="admin", password=password)
    statuses = Counter(
        (row.status.value, row.decision and row.decision.evidence.value)
        for row in everything
    )
    assert statuses == {
        ("approved", "unknown"): 93,
        ("pending", None): 6,
        ("rejected", "filter"): 5,
        ("rejected", "unknown"): 6,
    }
    number = everything[0].author_name.removeprefix("Reader ")
    assert everything[0].author_email == f"reader{number}@mail.example"
    assert everything[0].body.splitlines()[0] == "The ferry again,"
    with pytest.raises(UnreadableFile, match="application password"):
        read(user="admin", password="wrong")


def test_the_switch_of_the_tutorial(
    blog: WordPress, live: Live, tmp_path: Path
) -> None:
    """Type what docs/switch-wordpress.md says, on a blog with a history."""
    password = blog.run("fill", "640 History")
    blog.run("export", str(tmp_path / "gazette.xml"))
    examples = {
        "https://blog.example": blog.url,
        "--user editor": "--user admin",
        # Debian's plugin is older than 5.5: see the page.
        "--protocols akismet": "--protocols akismet --review-as-spam",
        "abcd EFGH 1234 ijkl MNOP 6789": password,
    }
    environment = {
        **os.environ,
        **live.environment,
        "MODERATION_CALLBACK_NETWORKS": "127.0.0.0/8",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    outputs = []
    for block in blocks():
        if Path(block.page).name != "switch-wordpress.md" or "run by" not in block.mark:
            continue
        text = block.text
        for example, value in examples.items():
            text = text.replace(example, value)
        typed = shell.commands(block.language, text)
        for outcome in shell.run(typed, tmp_path, environment):
            assert outcome.exit_code == 0, outcome.output + outcome.complaints
            outputs.append(outcome.output)
    key, dry_run, imported, _, spam, trained, rehearsed, _ = outputs
    assert "comments under" in dry_run
    assert "Taken" not in dry_run
    assert " added, 0 were here before" in imported
    assert "rejected" in spam
    assert ": enough for a first model" in spam
    assert "The gate" in trained
    assert "approved" in rehearsed
    assert blog.run("use_key", key.strip()) == "valid"
    blog.comment("yara", "The market was never cheap either.")
    assert blog.run("status", "yara") == "spam"
    with contextlib.closing(sqlite3.connect(live.database)) as database:
        query = "SELECT status FROM comments WHERE author_name = 'Yara'"
        assert database.execute(query).fetchall() == [("pending",)]
