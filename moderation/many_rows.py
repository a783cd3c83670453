"""Read and write rows by the thousand, as fast on PostgreSQL as on SQLite.

Values go past SQLAlchemy, which takes as long to look at each of them as a database to
store it. SQLite runs in this process: a statement for each row costs little. PostgreSQL
gets all rows in one statement. It plans a statement by what it has counted in a table,
which is nothing as long as an import is filling it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from moderation.database import UtcDateTime

#: New values of columns, from the values of a row that comes in.
Change = Callable[
    [Mapping[str, sa.ColumnElement[Any]]], Mapping[str, sa.ColumnElement[Any]]
]


def find_rows(
    connection: sa.Connection,
    columns: Sequence[sa.Column[Any] | sa.Label[Any]],
    column: sa.Column[Any],
    values: Collection[Any],
    *,
    site_id: int | None = None,
) -> list[sa.Row[Any]]:
    """Return the rows of a table in which a unique column has one of some values.

    Parameters
    ----------
    columns
        Which are returned.
    column
        A unique index is of this column, or of `site_id` and this column.
    values
        Any number of texts or numbers, each once.
    site_id
        The site in which the column is unique; None: it is everywhere.
    """
    if not values:
        return []
    of_site = [] if site_id is None else [column.table.c.site_id]
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        query = sa.select(*columns).where(*(each == site_id for each in of_site))
        is_listed = column.in_(sa.select(listed.c.value))
        return list(connection.execute(query.where(is_listed)))
    # A search for each value, in the order of the unique index, as no other one serves
    # it. For `column IN (...)` PostgreSQL takes any index of the site, and compares all
    # its comments with all values, until it has counted them.
    listed = _as_table(
        [sa.column("value", column.type)], [{"value": v} for v in values]
    )
    key, wanted_key = [*of_site, column], [*(site_id for _ in of_site), listed.c.value]
    match = (
        sa.select(*columns, *(each.label("key_site") for each in of_site))
        .add_columns(column.label("key_value"))
        .where(sa.tuple_(*key) >= sa.tuple_(*wanted_key))
        .order_by(*key)
        .limit(1)
        .lateral("match")
    )
    is_equal = match.c.key_value == listed.c.value
    if of_site:
        is_equal &= match.c.key_site == site_id
    query = sa.select(*(match.c[each.name] for each in columns))
    return list(connection.execute(query.select_from(listed.join(match, is_equal))))


def insert_rows(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    are_stored_kept: bool = False,
) -> None:
    """Insert rows that name the same columns.

    They name all columns but those that are null or have a default in the database.

    Parameters
    ----------
    are_stored_kept
        Leave a row out, instead of failing, if one of the same key is stored.
    """
    if not rows:
        return
    columns = [sa.column(name, table.c[name].type) for name in rows[0]]
    plain = sa.table(table.name, *columns)  # without the defaults of our classes
    if connection.dialect.name == "sqlite":
        insertion = sqlite.insert(plain)
        if are_stored_kept:
            insertion = insertion.on_conflict_do_nothing()
        statement = str(insertion.compile(dialect=connection.dialect))
        connection.exec_driver_sql(statement, _prepare(columns, rows, connection))
    elif are_stored_kept:
        query = postgresql.insert(plain).from_select(
            list(rows[0]), sa.select(_as_table(columns, rows))
        )
        connection.execute(query.on_conflict_do_nothing())
    else:
        _copy(connection, plain, _prepare(columns, rows, connection))


def update_rows(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[sa.ColumnClause[Any]],
    rows: Sequence[Mapping[str, Any]],
    change: Change,
    *,
    only: sa.ColumnElement[bool] | None = None,
) -> None:
    """Change stored rows, each by values of its own.

    Parameters
    ----------
    columns
        Names and types of the values. None is named like a column that changes.
    rows
        With the values, and the `id` of the row to change, each once.
    only
        A condition of the rows that are changed; None: all are.
    """
    if not rows:
        return
    # In the order of ids: two imports wait for each other in one direction.
    rows = sorted(rows, key=lambda row: row["id"])
    columns = [sa.column("id", table.c.id.type), *columns]
    conditions = [] if only is None else [only]
    if connection.dialect.name == "sqlite":
        values: dict[str, sa.ColumnElement[Any]] = {
            each.name: sa.bindparam(f"new_{each.name}") for each in columns
        }
        query = sa.update(table).where(table.c.id == values["id"], *conditions)
        update = query.values(change(values)).compile(dialect=connection.dialect)
        named = {f"new_{each.name}": each for each in columns}
        places: Any = update.positiontup
        prepared = _prepare([named[name] for name in places], rows, connection)
        connection.exec_driver_sql(str(update), prepared)
        return
    ids = sa.select(table.c.id).where(
        table.c.id
        == sa.any_(
            sa.literal([row["id"] for row in rows], postgresql.ARRAY(table.c.id.type))
        )
    )
    connection.execute(ids.order_by(table.c.id).with_for_update())
    incoming = _as_table(columns, rows)
    query = sa.update(table).where(table.c.id == incoming.c.id, *conditions)
    connection.execute(query.values(change(dict(incoming.c.items()))))


def _copy(
    connection: sa.Connection, table: sa.TableClause, rows: Iterable[Sequence[Any]]
) -> None:
    """Send rows to PostgreSQL, which reads texts faster than JSON."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    driver: Any = connection.dialect.dbapi
    try:
        with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise sa.exc.DBAPIError.instance(
            statement, None, error, driver.Error, dialect=connection.dialect
        ) from error


def _prepare(
    columns: Sequence[sa.ColumnClause[Any]],
    rows: Sequence[Mapping[str, Any]],
    connection: sa.Connection,
) -> list[tuple[Any, ...]]:
    """Return rows as the driver takes them.

    A value that stands in several places is prepared once: the times of a comment are
    mostly one, and most decisions share their reasons.
    """
    prepared: dict[type[Any], dict[int, Any]] = {}
    lists = []
    for column in columns:
        values = [row[column.name] for row in rows]
        process = _processor(column.type, connection.dialect)
        if process is not None:
            known = prepared.setdefault(type(column.type), {})
            values = [
                known[key]
                if (key := id(value)) in known
                else known.setdefault(key, process(value))
                for value in values
            ]
        lists.append(values)
    return list(zip(*lists, strict=True))


def _processor(
    kind: sa.types.TypeEngine[Any], dialect: sa.Dialect
) -> Callable[[Any], Any] | None:
    plain = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    if dialect.name == "sqlite":
        if isinstance(kind, UtcDateTime):
            return _write_naive
        return kind.dialect_impl(dialect).bind_processor(dialect)
    return _write if isinstance(plain, (sa.DateTime, sa.JSON)) else None


def _write_naive(value: datetime | None) -> str | None:
    """Return a moment as `UtcDateTime` keeps it on SQLite, without SQLAlchemy."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError("a stored moment must carry its time zone")
        value = value.astimezone(UTC)
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _write(value: Any) -> str | None:
    """Return a moment or a value of JSON as PostgreSQL reads it."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _as_table(
    columns: Iterable[sa.ColumnClause[Any]], rows: Iterable[Mapping[str, Any]]
) -> sa.TableValuedAlias:
    """Return rows as a table of PostgreSQL."""
    typed = [sa.column(column.name, column.type) for column in columns]
    body = json.dumps(list(rows), ensure_ascii=False, default=_moment)
    values = sa.cast(sa.literal(body, sa.Text()), postgresql.JSON())
    table = sa.func.json_to_recordset(values).table_valued(*typed)
    return table.render_derived(name="incoming", with_types=True)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
