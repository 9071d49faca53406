"""CQL2 (OGC 21-065r2) text and JSON for the search store.

``parse`` reads a filter, ``bind`` looks up its properties among the ``Queryables``, and
``Filter.narrow`` adds it to a ``Query``: SQL with bound parameters, and GEOS where SQL cannot
decide.
"""

from earthcode_common.ogc.cql2.filter import Filter, bind
from earthcode_common.ogc.cql2.parse import JSON, TEXT, Expression, parse
from earthcode_common.ogc.cql2.queryables import Queryable, Queryables

__all__ = ["JSON", "TEXT", "Expression", "Filter", "Queryable", "Queryables", "bind", "parse"]
