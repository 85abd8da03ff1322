"""Queries that every request of an annotator asks, put into SQL once and run with other values.

Wording a query costs Django more than the database takes to answer it; and planning it costs
PostgreSQL more than running it, so that there a statement asked often is kept planned, too.
"""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
_STANDS_FOR = 2_147_400_000  # what no query names stands for the values; it fits every key
Value = int | str


def keeping_cursor() -> Any:
    """A cursor for SQL that is always the same: PostgreSQL keeps it planned.

    It does so once a connection has asked it `prepare_threshold` times (config.environment), but
    not while queries are logged: Django reads none back from such a cursor.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    own = connection.connection
    usual, own.cursor_factory = own.cursor_factory, ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        own.cursor_factory = usual


class _Place(NamedTuple):
    """Where a value goes."""

    number: int


class _Worded(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]
    compiler: Any
    converters: Any
    model: type[Model]
    columns: slice
    names: list[str]
    populators: list[Any]


class Prepared(Generic[M]):
    """A query whose values are keys, numbers or texts.

    build : the query for given values; a value stands in equality alone, once or several times
    """

    def __init__(self, build: Callable[..., "QuerySet[M]"], n_values: int) -> None:
        self.build, self.n_values = build, n_values

    def all(self, *values: Value) -> list[M]:
        """Rows as objects with what the query selects beside them, as the query itself would."""
        worded = self._worded()
        parameters = [values[p.number] if isinstance(p, _Place) else p for p in worded.parameters]
        with keeping_cursor() as cursor:
            cursor.execute(worded.sql, parameters)
            rows = cursor.fetchall()
        if worded.converters:
            rows = worded.compiler.apply_converters(rows, worded.converters)
        return [self._object(worded, row) for row in rows]

    def first(self, *values: Value) -> M | None:
        return next(iter(self.all(*values)), None)

    def _worded(self) -> _Worded:
        """Once for each connection, which belongs to a thread."""
        own = connections[connection.alias]  # `connection` itself is the same in every thread
        kept: dict[Any, _Worded] = own.__dict__.setdefault("_nikash_prepared", {})
        if self not in kept:
            kept[self] = self._word()
        return kept[self]

    def _word(self) -> _Worded:
        places = {str(_STANDS_FOR + n): _Place(n) for n in range(self.n_values)}
        query = self.build(*map(int, places)).query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        fields = info["select_fields"]
        columns = slice(fields[0], fields[-1] + 1)
        return _Worded(
            sql,
            tuple(places.get(str(p), p) for p in parameters),
            compiler,
            compiler.get_converters([column for column, _sql, _alias in select]),
            info["model"],
            columns,
            [column.target.attname for column, _sql, _alias in select[columns]],
            get_related_populators(info, select, connection.alias),
        )

    def _object(self, worded: _Worded, row: Any) -> Any:
        made = worded.model.from_db(connection.alias, worded.names, row[worded.columns])
        for populator in worded.populators:
            populator.populate(row, made)
        return made
