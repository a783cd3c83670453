"""The name of a site, as commands take it."""

from __future__ import annotations

from typing import Any

import click

from moderation.cli.app import open_app
from moderation.database import db
from moderation.sites import sites
from moderation.sites.sites import SiteContext


class SiteName(click.ParamType):  # type: ignore[type-arg]  # generic for mypy only
    """The name of a site, which opens the service and becomes the site."""

    name = "text"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> SiteContext:
        """Return the site of that name.

        Raises
        ------
        NotFound
            If there is none.
        """
        if isinstance(value, SiteContext):
            return value
        open_app(str(value))
        site = sites.get_by_name(db.session(), str(value))
        db.session.close()  # no transaction stays open while a command asks
        return site


site_option = click.option(
    "--site", type=SiteName(), required=True, help="Name of a site"
)
site_argument = click.argument("site", type=SiteName())
