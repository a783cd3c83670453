"""The settings file of an installation, with its secrets: written once, then read."""

from __future__ import annotations

import base64
import logging
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from moderation.config import INSTANCE
from moderation.environment import KEY_BYTES
from moderation.errors import ConfigurationError

logger = logging.getLogger(__name__)

SECRETS_FILE = "secrets.env"
#: Names another settings file.
FILE_VARIABLE = "MODERATION_SETTINGS_FILE"
#: Read where neither the variable nor the current folder has one.
SYSTEM_FILE = Path("/etc/moderation/settings.env")
QUOTES = ("'", '"')
PRIVATE = 0o600  # read and written by its owner alone
PRIVATE_FOLDER = 0o700


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)  # whole, or not at all


def close_folder(folder: Path, database_url: str) -> None:
    """Let only its owner look into the folder of secrets and the embedded database.

    It is made if the database will lie there.
    """
    url = sa.make_url(database_url)
    name = url.database or ":memory:"
    is_embedded = url.get_backend_name() == "sqlite" and name != ":memory:"
    if is_embedded and not Path(name).is_absolute():
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & ~PRIVATE_FOLDER:
        try:
            folder.chmod(PRIVATE_FOLDER)
        except OSError as error:
            logger.warning("%s stays open to other users: %s", folder, error.strerror)


def new_secrets() -> dict[str, str]:
    """Return the three secrets of a new installation, by their variables."""
    return {
        "MODERATION_SECRET_KEY": secrets.token_urlsafe(KEY_BYTES),
        "MODERATION_EMAIL_KEYS": f"k1:{_new_key()}",
        "MODERATION_EMAIL_INDEX_KEY": _new_key(),
    }


def ensure_secrets(folder: Path = INSTANCE) -> None:
    """Write new secrets, unless there are some: new ones could read nothing stored."""
    path = folder / SECRETS_FILE
    if path.exists():
        return
    lines = [f"{name}={value}\n" for name, value in new_secrets().items()]
    write_private(path, "".join(lines))


def find_settings_file(folder: Path = INSTANCE) -> Path | None:
    """Return the settings file that is read; None: there is none.

    The first of: the one that `MODERATION_SETTINGS_FILE` names, `instance/secrets.env`,
    and `/etc/moderation/settings.env`.
    """
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    for path in (folder / SECRETS_FILE, SYSTEM_FILE):
        if os.path.lexists(path):
            return path
    return None


def environment(folder: Path = INSTANCE) -> Mapping[str, str]:
    """Return the environment, completed by the settings file if there is one.

    Raises
    ------
    ConfigurationError
        If the file can't be read, or a line isn't `NAME=VALUE`.
    """
    path = find_settings_file(folder)
    return {**(read_settings_file(path) if path else {}), **os.environ}


def read_settings_file(path: Path) -> dict[str, str]:
    """Return the values of a settings file.

    A line is `NAME=VALUE`, empty, or begins with `#`. Quotes around a value are left
    out; nothing else is replaced in it.

    Raises
    ------
    ConfigurationError
        If the file can't be read, or a line is none of these; its text isn't repeated.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is no text file in UTF-8.") from None
    except PermissionError:
        raise ConfigurationError(
            f"This user can't read {path}. Run the command as the user that owns the "
            "file, for example with `sudo -u moderation`."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read: {error.strerror}. `moderation init` writes a "
            "settings file."
        ) from None
    values = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or name.startswith("#"):
            continue
        if not equals or not name.isidentifier():
            raise ConfigurationError(f"{path}, line {number}: expected NAME=VALUE.")
        if len(value) > 1 and value[0] in QUOTES and value[0] == value[-1]:
            value = value[1:-1]
        values[name] = value
    return values


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
