"""The secrets of an installation on one machine, written once."""

from __future__ import annotations

import base64
import logging
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from moderation.config import INSTANCE, KEY_BYTES

logger = logging.getLogger(__name__)

SECRETS_FILE = "secrets.env"
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


def ensure_secrets(folder: Path = INSTANCE) -> None:
    """Write new secrets, unless there are some: new ones could read nothing stored."""
    path = folder / SECRETS_FILE
    if path.exists():
        return
    write_private(
        path,
        f"MODERATION_SECRET_KEY={secrets.token_urlsafe(KEY_BYTES)}\n"
        f"MODERATION_EMAIL_KEYS=k1:{_new_key()}\n"
        f"MODERATION_EMAIL_INDEX_KEY={_new_key()}\n",
    )


def environment(folder: Path = INSTANCE) -> Mapping[str, str]:
    """Return the environment, completed by the secrets file if there is one."""
    path = folder / SECRETS_FILE
    kept = {}
    if path.exists():
        for line in path.read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals:
                kept[name.strip()] = value.strip()
    return {**kept, **os.environ}


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
