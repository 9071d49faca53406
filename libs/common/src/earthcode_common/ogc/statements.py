"""Statements compiled once per shape of a query, as asyncpg itself takes them.

A condition that a caller composed (``Query.where``) takes part: SQLAlchemy's own cache key says
which conditions differ in their values alone.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

MOST = 2000  # statements kept
_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]
_made: dict[Hashable, "Statement"] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """``key`` is None when conditions like this one cannot be told apart."""

    expression: sa.ColumnElement[bool]
    key: Hashable | None = None
    binds: tuple[sa.BindParameter[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """``names`` are those of the parameters, $1 first; ``own`` those of the condition's, with how
    their values are sent; ``fixed`` the values of a statement that is used only once."""

    sql: str
    names: tuple[str, ...]
    own: tuple[tuple[str, Callable[[Any], Any] | None], ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def arguments(self, values: Mapping[str, Any], where: Condition | None) -> list[Any]:
        if self.fixed:
            values = {**self.fixed, **values}
        elif where is not None and self.own:
            values = {**values, **self._own_values(where)}
        return [values[name] for name in self.names]

    def _own_values(self, where: Condition) -> dict[str, Any]:
        found = {}
        for (name, send), bind in zip(self.own, where.binds, strict=True):
            value = bind.effective_value
            found[name] = send(value) if send is not None else value
        return found


def parameter(name: str, type_: Any) -> sa.BindParameter[Any]:
    """A named parameter whose value comes with the execution."""
    return sa.bindparam(name, None, type_=type_)


def quoted(text: str) -> str:
    """As a literal of SQL."""
    quote: Any = sa.Text().dialect_impl(_DIALECT).literal_processor(_DIALECT)
    return str(quote(text))


def condition(where: sa.ColumnElement[bool] | None) -> Condition | None:
    if where is None:
        return None
    found = where._generate_cache_key()
    return Condition(where, found.key, tuple(found.bindparams)) if found else Condition(where)


def statement(
    key: Hashable, where: Condition | None, make: Callable[[], sa.Select[Any]]
) -> Statement:
    """The statement that ``make`` composes of ``where`` and of what ``key`` says."""
    if where is not None:
        if where.key is None:
            return _for_once(make())
        key = (key, where.key)
    found = _made.get(key)
    if found is None:
        found = _reusable(make(), where)
        if found is None:
            return _for_once(make())
        if len(_made) >= MOST:
            _made.clear()
        _made[key] = found
    return found


def _reusable(select: sa.Select[Any], where: Condition | None) -> Statement | None:
    """None when its text depends on values, as that of ``in (...)`` does on their number, or when
    SQLAlchemy folded a part of the condition away (``false and ...``)."""
    done: Any = select.compile(dialect=_DIALECT)
    if done.post_compile_params:
        return None
    binds = where.binds if where is not None else ()
    if not all(bind in done.bind_names for bind in binds):
        return None
    own = tuple((done.bind_names[bind], _sender(bind)) for bind in binds)
    return Statement(str(done), tuple(done.positiontup), own)


def _for_once(select: sa.Select[Any]) -> Statement:
    done: Any = select.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    senders = {done.bind_names[bind]: _sender(bind) for bind in done.bind_names}
    fixed = {}
    for name, value in done.params.items():
        send = senders.get(name)
        fixed[name] = send(value) if send is not None and value is not None else value
    return Statement(str(done), tuple(done.positiontup), fixed=fixed)


def _sender(bind: sa.BindParameter[Any]) -> Callable[[Any], Any] | None:
    return bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
