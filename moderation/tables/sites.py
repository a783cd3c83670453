"""Sites, their keys, secrets, and policies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class Site(Table):
    """A news site that sends comments."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(63), unique=True)
    created_at: Mapped[datetime]
    #: the current policy; the older ones stay in `site_policies`
    policy_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("site_policies.id", use_alter=True)
    )
    #: the model that decides here; None: the one that ships
    model_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("models.id", use_alter=True)
    )
    #: the model that scores silently here, and since when; None: none does
    shadow_model_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("models.id", use_alter=True)
    )
    shadow_since: Mapped[datetime | None]
    #: its compatibility APIs, and how they are set; None: none
    integrations: Mapped[dict[str, Any] | None]
    #: `text.addresses.Folding`: which spellings name one article; None: no more than
    #: any site's
    article_folding: Mapped[list[str] | None] = mapped_column(
        sa.JSON(none_as_null=True)
    )
    #: which duties of the law apply: `sites.duties.LegalSettings`; None: none is on
    legal: Mapped[dict[str, Any] | None]
    #: counts the changes of the site's rules; processes read them again by it
    rules_version: Mapped[int] = mapped_column(default=0, server_default="0")
    #: second looks were drawn from decisions up to here: moment, and id within it
    sampled_until: Mapped[datetime | None]
    sampled_id: Mapped[int | None] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    )


class SiteKey(Table):
    """A site's key, kept as a keyed hash only."""

    __tablename__ = "site_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: the key itself, of a browser key alone: anyone can read it in a page
    public_key: Mapped[str | None] = mapped_column(sa.String(12))
    #: where the key is used, for people
    name: Mapped[str] = mapped_column(
        sa.String(100), default="unnamed", server_default="unnamed"
    )
    #: what it may do: values of `sites.keys.KeyScope`; None: everything
    scopes: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    #: the origins whose pages may use it; None: it isn't for browsers
    origins: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    created_at: Mapped[datetime]
    #: the admin who created it; None: the command line
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: it is invalid from then on; None: it doesn't expire
    expires_at: Mapped[datetime | None]
    #: it is invalid from then on; may lie ahead, while another takes its place
    revoked_at: Mapped[datetime | None]
    #: accurate to a minute; None: never, or not since last uses are recorded
    last_used_at: Mapped[datetime | None]


class SitePolicy(Table):
    """One version of a site's policy; never changed once written."""

    __tablename__ = "site_policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: who wrote it; None: the command line
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class SiteSecret(Table):
    """A secret that a site's software signs with: encrypted, as we must know it."""

    __tablename__ = "site_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    #: the protocol that it is for
    protocol: Mapped[str] = mapped_column(sa.String(15))
    sealed: Mapped[str] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    #: it opens nothing from then on; may lie ahead
    revoked_at: Mapped[datetime | None]
