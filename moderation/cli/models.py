"""Commands about models: listed, promoted, rolled back, written and read as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import marshmallow as ma

from moderation.api.model_bodies import NewPromotion
from moderation.cli.options import site_option
from moderation.cli.output import json_option, print_json
from moderation.database import db, start_writing
from moderation.models import registry
from moderation.models.model_card import format_card
from moderation.sites.sites import SiteContext
from moderation.tables.models import Promotion
from moderation.web.services import services


@click.command()
@site_option
@click.argument("version")
@click.option("--despite-gate", help="Why, in writing, though the gate refused it")
def promote(site: SiteContext, version: str, despite_gate: str | None) -> None:
    """Make a model active at a site, from the next request on."""
    try:
        fields = NewPromotion().load({"despite_gate": despite_gate})
    except ma.ValidationError as error:
        complaint = " ".join(error.messages_dict["despite_gate"])
        raise click.BadParameter(complaint, param_hint="--despite-gate") from None
    session = db.session()
    registry.refuse_unservable(session, site.id, version)
    start_writing(session)
    promotion = registry.promote(
        session,
        site.id,
        version,
        shipped=services().scoring.default,
        staff_id=None,
        now=datetime.now(UTC),
        **fields,
    )
    session.commit()
    _print_promotion(site, promotion)


@click.command()
@site_option
def rollback(site: SiteContext) -> None:
    """Return to the model that was active before the last promotion."""
    session = db.session()
    start_writing(session)
    promotion = registry.roll_back(
        session, site.id, staff_id=None, now=datetime.now(UTC)
    )
    session.commit()
    _print_promotion(site, promotion)


@click.command("models")
@site_option
@json_option
def list_models(site: SiteContext, as_json: bool) -> None:
    """List a site's models; the active one is marked."""
    entries = registry.list_models(db.session(), site.id, services().scoring.default)
    if as_json:
        print_json(
            [
                {
                    "version": entry.version,
                    "is_active": entry.is_active,
                    "is_shipped": entry.is_shipped,
                    "gate_allows": entry.report["gate"]["allowed"]
                    if entry.report
                    else None,
                    "created_at": entry.created_at,
                }
                for entry in entries
            ]
        )
        return
    for entry in entries:
        mark = "*" if entry.is_active else " "
        gate = entry.report["gate"]["allowed"] if entry.report else None
        words = {None: "ships", True: "may be promoted", False: "refused"}
        click.echo(f"{mark} {entry.version}  {words[gate]}")


@click.command("export-model")
@site_option
@click.argument("version")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def export_model(site: SiteContext, version: str, path: Path) -> None:
    """Write a model and its model card into files."""
    session = db.session()
    shipped = services().scoring.default
    entry = registry.find_model(session, site.id, version, shipped)
    data = registry.read_artifact(session, site.id, version, shipped)
    start_writing(session)
    registry.record_export(session, site.id, version)
    session.commit()
    path.write_bytes(data)
    path.with_suffix(".md").write_text(format_card(entry, site.name), encoding="utf-8")
    click.echo(f"{version} is in {path}, its card in {path.with_suffix('.md')}.")


@click.command("import-model")
@site_option
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_model(site: SiteContext, path: Path) -> None:
    """Import a model from a file; it is checked, never executed."""
    session, data = db.session(), path.read_bytes()
    scorer = registry.read_model(data)
    start_writing(session)
    registry.create_imported(
        session,
        site.id,
        scorer,
        data,
        shipped=services().scoring.default,
        staff_id=None,
        now=datetime.now(UTC),
    )
    session.commit()
    click.echo(f"{scorer.version} is in the registry; it decides nothing yet.")


def _print_promotion(site: SiteContext, promotion: Promotion) -> None:
    session = db.session()
    shipped = services().scoring.default
    now = registry.get_version(session, promotion.model_id, shipped)
    before = registry.get_version(session, promotion.previous_id, shipped)
    click.echo(f"At {site.name}, {now} decides from now on; before, it was {before}.")
