"""A real WordPress with its Akismet plugin, unmodified, led here as the docs say."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import absent
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
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
# WordPress lets nobody comment twice in 15 seconds; a test can't wait.
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
    blog.lead_to("http://127.0.0.1:9")  # nobody listens there
    blog.comment("zoe", "Is anybody there?")
    assert blog.run("status", "zoe") == "unapproved"
    blog.lead_to(live.url)
