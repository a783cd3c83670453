"""Statements that are compiled once and then handed to the driver as text.

SQLAlchemy looks a statement's text up by all of its parts, each time that it is run,
and keeps a record of each run. That takes several times as long as SQLite takes for the
statement. Where a request runs many, as for a comment that is sent, they are prepared.
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, make_transient_to_detached

from moderation.database import Table

Values = Mapping[str, Any]


class Prepared:
    """A statement that is compiled once for each dialect.

    It runs in the session's transaction and raises SQLAlchemy's errors. It goes past
    the ORM: nothing is flushed before, and a person's limit to sections doesn't apply.

    Parameters
    ----------
    statement
        It returns columns, not entities. A parameter that stands for several values is
        given a list. An INSERT sets the columns that it is given.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._texts: dict[tuple[Any, ...], _Compiled] = {}

    def all(self, session: Session, values: Values) -> list[Any]:
        """Return the rows, as named tuples."""
        connection = session.connection()
        if connection.dispatch.before_cursor_execute:  # they are traced or counted
            return list(connection.execute(self._statement, values))
        return self._text(connection, values).run(connection, values)[0]

    def first(self, session: Session, values: Values) -> Any | None:
        """Return the first row, as a named tuple; None if there is none."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def run(self, session: Session, values: Values) -> int:
        """Run a statement that returns nothing; return how many rows it changes."""
        connection = session.connection()
        if connection.dispatch.before_cursor_execute:
            return connection.execute(self._statement, values).rowcount
        return self._text(connection, values).run(connection, values)[1]

    def run_many(self, session: Session, rows: Sequence[Values]) -> None:
        """Run a statement that returns nothing with each of some values."""
        connection = session.connection()
        if connection.dispatch.before_cursor_execute:
            connection.execute(self._statement, rows)
        elif rows:
            self._text(connection, rows[0]).run_many(connection, rows)

    def _text(self, connection: sa.Connection, values: Values) -> _Compiled:
        # A list makes as many parameters as it has values.
        lengths = [len(value) for value in values.values() if isinstance(value, list)]
        key = connection.dialect.name, *values, *lengths
        text = self._texts.get(key)
        if text is None:
            text = _Compiled(self._statement, connection.dialect, values)
            self._texts[key] = text
        return text


class _Compiled:
    """A statement as a driver takes it, and how its values are converted."""

    def __init__(self, statement: Any, dialect: sa.Dialect, values: Values) -> None:
        names = list(values) if isinstance(statement, sa.Insert) else None
        compiled = statement.compile(dialect=dialect, column_keys=names)
        state = compiled.construct_expanded_state(values)
        self._text: str = state.statement
        of_lists = {
            name: (key, place)
            for key, expanded in state.parameter_expansion.items()
            for place, name in enumerate(expanded)
        }
        self._names: Sequence[str] = state.positiontup or list(state.parameters)
        self._is_positional = state.positiontup is not None
        self._sources: list[tuple[str, int | None, Any, Any]] = []
        for name in self._names:
            key, place = of_lists.get(name, (name, None))
            of_driver = compiled.binds[key].type.dialect_impl(dialect)
            constant = None if key in values else state.parameters[name]
            self._sources.append(
                (key, place, of_driver.bind_processor(dialect), constant)
            )
        columns = list(statement.exported_columns)
        names = [str(column.key) for column in columns]
        self._row: Any = namedtuple("Row", names)  # type: ignore[misc]  # not literal
        self._reads = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in columns
        ]

    def run(self, connection: sa.Connection, values: Values) -> tuple[list[Any], int]:
        """Return the rows of a statement, and how many it changes."""
        bound = self._bind(values)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, bound)
            rows = self._read(cursor.fetchall()) if self._reads else []
        except connection.dialect.loaded_dbapi.Error as error:
            self._refuse(connection, cursor, bound, error)
        count = cursor.rowcount  # unknown to a closed cursor of PostgreSQL
        cursor.close()
        return rows, count

    def run_many(self, connection: sa.Connection, rows: Sequence[Values]) -> None:
        """Run a statement that returns nothing with each of some values."""
        bound = [self._bind(values) for values in rows]
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(self._text, bound)
        except connection.dialect.loaded_dbapi.Error as error:
            self._refuse(connection, cursor, bound, error)
        cursor.close()

    def _refuse(
        self, connection: sa.Connection, cursor: Any, bound: Any, error: Exception
    ) -> NoReturn:
        """Raise a driver's error as SQLAlchemy's, and let a broken connection go."""
        connection._handle_dbapi_exception(error, self._text, bound, cursor, None)

    def _bind(self, values: Values) -> Any:
        bound = []
        for key, place, write, constant in self._sources:
            value: Any = values.get(key, constant)
            if place is not None:
                value = value[place]
            bound.append(value if write is None else write(value))
        return (
            bound if self._is_positional else dict(zip(self._names, bound, strict=True))
        )

    def _read(self, rows: Sequence[Any]) -> list[Any]:
        return [
            self._row._make(
                value if read is None else read(value)
                for read, value in zip(self._reads, row, strict=True)
            )
            for row in rows
        ]


def insert(session: Session, row: Table) -> None:
    """Store a new row at once, and read nothing back but the id that it gets.

    The unit of work of the ORM takes several times as long, which counts where a
    request stores several rows. The row belongs to the session afterwards.
    """
    stored = vars(row)
    given = tuple(name for name in stored if name[0] != "_")
    insertion = _insertion(type(row), given)
    stored |= insertion.unset
    values = {name: stored[name] for name in insertion.names}
    if insertion.key is None:
        insertion.statement.run(session, values)
    else:
        (stored[insertion.key],) = insertion.statement.all(session, values)[0]
    make_transient_to_detached(row)
    session.add(row)


@dataclass(frozen=True, kw_only=True)
class _Insertion:
    statement: Prepared
    names: Sequence[str]  #: of the columns that it sets
    unset: Mapping[str, Any]  #: what the columns have that no one has set
    key: str | None  #: which column the database numbers


@functools.cache
def _insertion(kind: type[Table], given: tuple[str, ...]) -> _Insertion:
    """Return how rows with some columns set are stored."""
    table = cast(sa.Table, kind.__table__)
    key = table.autoincrement_column
    statement, number = sa.insert(table), None
    if key is not None and key.key not in given:
        statement, number = statement.returning(key), key.key
    unset, names = {}, list(given)
    for column in table.columns:
        if column.key in given or column.key == number:
            continue
        default: Any = column.default
        if default is not None:
            unset[column.key] = default.arg
            names.append(column.key)
        elif column.server_default is None:
            unset[column.key] = None
    return _Insertion(
        statement=Prepared(statement), names=names, unset=unset, key=number
    )
