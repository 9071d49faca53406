"""SQL written as text with places for other SQL in it; values are bound parameters always.

A filter is built for every request, and SQLAlchemy's operators cost some 20 microseconds each: a
condition made of ten of them is one template here. SQLAlchemy still collects the parameters and
caches the compiled statement.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

Sql: TypeAlias = sa.ColumnElement[Any]
MOMENT = sa.DateTime(timezone=True)
TEXTS = ARRAY(sa.Text)
_BOOLEAN = sa.Boolean()


class Template(sa.ColumnElement[Any]):
    """``text`` has ``{0}``, ``{1}`` ... where the parts go; each once or several times."""

    inherit_cache = True
    type = _BOOLEAN
    _traverse_internals = [
        ("text", InternalTraversal.dp_string),
        ("parts", InternalTraversal.dp_clauseelement_tuple),
    ]

    def __init__(self, text: str, parts: tuple[Sql, ...]) -> None:
        self.text, self.parts = text, parts

    @property
    def _from_objects(self) -> Any:
        return [found for part in self.parts for found in part._from_objects]

    def self_group(self, against: Any = None) -> Any:
        return self  # Brackets are in the text.


@compiles(Template)
def _compile(element: Template, compiler: Any, **keywords: Any) -> str:
    return element.text.format(*(compiler.process(part, **keywords) for part in element.parts))


def sql(text: str, *parts: Sql) -> Sql:
    """``text`` must bring its own brackets and is never made of anything that a client sent."""
    return Template(text, parts)


def text_value(value: str) -> Sql:
    return sa.literal(value, sa.Text)


def texts_value(values: Sequence[str]) -> Sql:
    return sa.literal(list(values), TEXTS)


def moment_value(moment: datetime) -> Sql:
    return sa.literal(moment, MOMENT)


def negated(condition: Sql) -> Sql:
    return Template("(not {0})", (condition,))
