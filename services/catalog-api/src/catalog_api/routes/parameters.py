"""Parameters of searches, from an address or from a body, as a query of the search store.

Every function here raises BadRequest that names the parameter.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from earthcode_common.ogc.bbox import parse_bbox
from earthcode_common.ogc.datetimes import parse_interval
from earthcode_common.ogc.geometry import parse_geometry
from earthcode_common.ogc.query import Query
from earthcode_common.problems import BadRequest, UnsupportedMediaType
from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute

from catalog_api.domain.sorting import parse_sortby

DEFAULT_LIMIT = 10
MAX_LIMIT = 10_000
MAX_IDS = 10_000
READS = ("/search", "/aggregate")  # by POST too
_known: dict[str, frozenset[str]] = {}


def item_query(given: Mapping[str, Any]) -> Query:
    """``given``: members of SearchPost, or what SearchGet has instead; None is absent."""
    if given.get("bbox") is not None and given.get("intersects") is not None:
        raise BadRequest("bbox and intersects exclude each other", parameter="intersects")
    return Query(
        parts=_ids(given.get("collections"), "collections"),
        ids=_ids(given.get("ids"), "ids"),
        intersects=_geometry(given.get("intersects")),
        **_common(given),
    )


def collection_query(given: Mapping[str, Any], kinds: Sequence[str]) -> Query:
    """``given``: what CollectionsGet has. Open or unknown extents match every place and time."""
    return Query(parts=kinds, match_missing=True, **_common(given))


def _common(given: Mapping[str, Any]) -> dict[str, Any]:
    box, time, sort = given.get("bbox"), given.get("datetime"), given.get("sortby")
    return {
        "q": _phrases(given.get("q")),
        "sort": () if sort is None else parse_sortby(sort),
        "bbox": None if box is None else parse_bbox(box),
        "interval": None if time is None else parse_interval(time),
        "limit": min(given.get("limit") or DEFAULT_LIMIT, MAX_LIMIT),
        "token": given.get("token"),
    }


def _ids(value: str | Sequence[str] | None, name: str) -> list[str] | None:
    if value is None:
        return None
    ids = value.split(",") if isinstance(value, str) else list(value)
    ids = list(dict.fromkeys(id for id in ids if id))
    if not ids and (isinstance(value, str) or value):
        raise BadRequest(f"{name} names nothing; leave it out to ask for all", parameter=name)
    if len(ids) > MAX_IDS:
        raise BadRequest(f"{name} names {len(ids)}; at most {MAX_IDS} at once", parameter=name)
    return ids


def _geometry(value: str | Mapping[str, Any] | None) -> Any:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except ValueError as error:
            detail = f"intersects is not a GeoJSON geometry: {error}"
            raise BadRequest(detail, parameter="intersects") from error
        if value is None:
            raise BadRequest("intersects is not a GeoJSON geometry", parameter="intersects")
    return None if value is None else parse_geometry(value, parameter="intersects")


def _phrases(value: str | Sequence[str] | None) -> list[str] | None:
    if value is None:
        return None
    each = value.split(",") if isinstance(value, str) else value
    phrases = [phrase.strip() for phrase in each if phrase.strip()]
    if not phrases:
        raise BadRequest("q holds no word; leave it out to ask for all", parameter="q")
    return phrases


async def only_known(request: Request) -> None:
    """A dependency that refuses unknown and repeated parameters (OGC API - Common, 8.5 and 8.6)."""
    check_names(request, _names(request.scope["route"]))


def check_names(request: Request, known: Collection[str]) -> None:
    if not request.scope["query_string"]:
        return
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            hint = f"known here: {', '.join(sorted(known))}" if known else "none is known here"
            raise BadRequest(f"The parameter {name!a} is not known", parameter=name, hint=hint)
        if name in seen:
            raise BadRequest(f"The parameter {name} is given twice", parameter=name)
        seen.add(name)


def _names(route: APIRoute) -> frozenset[str]:
    if route.unique_id not in _known:
        fields = get_flat_params(route.dependant)
        names = (f.alias for f in fields if getattr(f.field_info, "in_", None) == ParamTypes.query)
        read = "GET" in (route.methods or ()) or route.path.endswith(READS)
        formats = {"f"} if read else set()
        _known[route.unique_id] = frozenset(names) | formats
    return _known[route.unique_id]


async def only_json(request: Request) -> None:
    """A dependency that refuses bodies which do not say that they are JSON."""
    check_media(request, "application/json")


def check_media(request: Request, *types: str) -> None:
    if request.method in ("GET", "HEAD", "DELETE"):
        return
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        raise UnsupportedMediaType(
            f"The body is {given or 'of no stated type'}",
            hint=f"send Content-Type: {' or '.join(types)}",
        )
