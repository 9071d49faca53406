"""Which representation a client gets: ``f=`` first, else ``Accept`` (RFC 9110 section 12.5.1)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, NoReturn

from starlette.requests import Request

from earthcode_common.ogc.links import GEOJSON, HTML, JSON, NDJSON, PARQUET
from earthcode_common.problems import BadRequest, NotAcceptable

# Names of ``f``: the first of these media types that a resource has is meant.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "json": (JSON, GEOJSON),
    "geojson": (GEOJSON,),
    "html": (HTML,),
    "ndjson": (NDJSON,),
    "parquet": (PARQUET,),
}
ALIASES = {"application/ndjson": NDJSON, "application/jsonl": NDJSON}
NAMED = 2  # how specific a media type without parameters is
MAX_ACCEPT = 2000  # characters; what comes later in the header is not read


class Range(NamedTuple):
    """A media range of ``Accept`` with its parameters, ``q`` apart."""

    name: str
    parameters: Mapping[str, str]
    quality: float


def chosen(request: Request, *offers: str) -> str:
    """One of ``offers`` (media types, the default first), as ``f`` or ``Accept`` ask for.

    Raises BadRequest for an ``f`` that is not offered, NotAcceptable when nothing fits.
    """
    if b"f=" in request.scope["query_string"]:
        name = request.query_params.get("f")
        if name is not None:
            return _named(name, offers)
    return by_accept(request, offers)


def by_accept(request: Request, offers: Sequence[str]) -> str:
    """One of ``offers`` as ``Accept`` asks for; raises NotAcceptable when nothing fits."""
    accept = request.headers.get("accept")
    if accept is None or accept == "*/*":
        return offers[0]
    return accepted(accept, offers)


def names(offers: Sequence[str]) -> list[str]:
    """The values of ``f`` that there are for these media types."""
    return [name for name, medias in FORMATS.items() if _find(medias, offers)]


def _named(name: str, offers: Sequence[str]) -> str:
    found = _find(FORMATS.get(name, ()), offers)
    if found is None and name == "json":  # JSON of another name, as application/schema+json
        found = next((one for one in offers if _kind(one).endswith("json")), None)
    return found or refuse(name, names(offers))


def refuse(name: str, known: Sequence[str]) -> NoReturn:
    """Raises the BadRequest for a value of ``f`` that is none of ``known``."""
    detail = f"f={name[:40]!a} is not a format of this resource"
    raise BadRequest(detail, parameter="f", hint=f"there is {', '.join(known)}")


def _find(medias: Sequence[str], offers: Sequence[str]) -> str | None:
    return next((media for media in medias if media in offers), None)


def accepted(accept: str, offers: Sequence[str]) -> str:
    """The offer with the highest quality; of equal ones that of which a range names parameters,
    such as ``profile``, else the first."""
    return _accepted(accept[:MAX_ACCEPT], tuple(offers))


@lru_cache(1024)  # Clients say the same again and again.
def _accepted(accept: str, offers: tuple[str, ...]) -> str:
    ranges = list(_ranges(accept))
    best = max(offers, key=lambda offer: _rank(offer, ranges)) if ranges else offers[0]
    if ranges and _rank(best, ranges)[0] <= 0:
        raise NotAcceptable(
            "There is no representation of this resource that Accept asks for",
            hint=f"there is {', '.join(offers)}",
            offers=list(offers),
        )
    return best


def _ranges(header: str) -> Iterator[Range]:
    for part in header.split(","):
        name, *words = (word.strip() for word in part.split(";"))
        if not name:
            continue
        parameters = dict(_pair(word) for word in words if "=" in word)
        name = ALIASES.get(name.lower(), name.lower())
        yield Range(name, parameters, _number(parameters.pop("q", "1")))


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key.strip().lower(), value.strip().strip('"').lower()


def _number(text: str) -> float:
    """A quality; one that is not a number says nothing good of its range."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def _rank(offer: str, ranges: Sequence[Range]) -> tuple[float, int]:
    """The quality of the most specific range that takes ``offer`` (0 when none does), and how many
    parameters both have."""
    best, found = -1, 0.0
    for one in ranges:
        specific = _specific(offer, one)
        if specific > best:
            best, found = specific, one.quality
    return found, max(best - NAMED, 0)


def _specific(offer: str, one: Range) -> int:
    """How closely ``one`` names ``offer``; -1 when not at all.

    Parameters count where the offer has them too: ``version`` of an OpenAPI document does, a
    ``charset`` or ``profile`` that a client adds to JSON does not.
    """
    kind, own = _kind(offer), dict(_pair(word) for word in offer.split(";")[1:])
    if one.name == "*/*":
        return 0
    if one.name == f"{kind.partition('/')[0]}/*":
        return 1
    shared = own.keys() & one.parameters.keys()
    if one.name != kind or any(own[key] != one.parameters[key] for key in shared):
        return -1
    return NAMED + len(shared)


def _kind(media: str) -> str:
    return media.partition(";")[0]
