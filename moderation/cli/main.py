"""The `moderation` command, put together from its nouns."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from moderation.cli import (
    articles,
    audit,
    backups,
    completion,
    database,
    demo,
    doctor,
    figures,
    history,
    jobs,
    keys,
    legal,
    models,
    person,
    perspective,
    rehearsal,
    retention,
    rules,
    secrets,
    serving,
    setup,
    sites,
    staff,
    training,
    transparency,
    what_if,
    worker,
)
from moderation.cli.manual import ManualGroup
from moderation.errors import InvalidFields, ModerationError


class PlainErrors(ManualGroup):
    """A group that says what is wrong in a sentence, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; our errors end it with status 1."""
        try:
            return super().invoke(context)
        except InvalidFields as error:
            lines = [f"{name}: {' '.join(each)}" for name, each in error.fields.items()]
            raise click.ClickException("\n".join(lines)) from error
        except ModerationError as error:
            raise click.ClickException(error.message) from error
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).partition("\n")[0]
            raise click.ClickException(
                f"The database can't be used: {reason}. Is DATABASE_URL right, and was "
                "`moderation migrate` run?"
            ) from error


@click.group(cls=PlainErrors)
@click.version_option(package_name="moderation")
def main() -> None:
    """Run and manage the comment moderation service.

    Begin with `moderation init`, or try it with `moderation demo`. Each command has its
    own --help. Settings are read from the environment and from the settings file:
    docs/deploy.md.
    """


for _command in (
    articles.sites_commands,
    audit.audit,
    backups.back_up,
    backups.restore,
    completion.completion,
    database.migrate,
    demo.demo,
    doctor.doctor,
    figures.count_figures,
    history.import_history,
    history.export_history,
    jobs.list_jobs,
    jobs.cancel_job,
    jobs.rescore,
    models.list_models,
    models.promote,
    models.rollback,
    models.export_model,
    models.import_model,
    person.person_commands,
    perspective.carry_thresholds,
    rehearsal.rehearse,
    retention.retention_commands,
    rules.import_words,
    secrets.secrets_commands,
    serving.serve,
    setup.initialize,
    keys.keys,
    legal.law,
    sites.add_site,
    sites.add_key,
    sites.rotate_key,
    sites.coral_secret,
    sites.integrate,
    staff.staff_commands,
    staff.add_staff,
    staff.reset_second_factor,
    training.retrain,
    training.export_examples,
    training.read_lineage,
    transparency.transparency,
    what_if.what_if,
    worker.run_worker,
):
    main.add_command(_command)
