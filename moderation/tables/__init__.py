"""All that is stored; importing one module makes every table known."""

from moderation.tables import (  # noqa: F401 - foreign keys reach across modules
    accounts,
    audit,
    authors,
    campaigns,
    comments,
    decisions,
    exports,
    insights,
    jobs,
    learning,
    limits,
    models,
    monitoring,
    objections,
    queue,
    review,
    rules,
    search,
    sites,
    webhooks,
)
