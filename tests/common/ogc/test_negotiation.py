"""Which representation is chosen, and what a compressed answer looks like."""

import gzip

import httpx2
import pytest
from earthcode_common import etags
from earthcode_common.compression import ASIDE, SMALLEST, Compression, accepts_gzip
from earthcode_common.ogc.links import GEOJSON, HTML, JSON, NDJSON, OPENAPI, OPENAPI_31
from earthcode_common.ogc.negotiation import accepted, chosen, names
from earthcode_common.problems import BadRequest, NotAcceptable
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "offers", "found"),
    [
        ("*/*", (GEOJSON, JSON, HTML), GEOJSON),
        (BROWSER, (GEOJSON, JSON, HTML), HTML),
        ("application/json", (GEOJSON, JSON, HTML), JSON),
        ("application/json, text/plain, */*", (GEOJSON, JSON, HTML), GEOJSON),
        ("application/json;q=0.5, text/html;q=0.4", (GEOJSON, JSON, HTML), JSON),
        ("application/*", (JSON, HTML), JSON),
        ("text/*;q=0.3, application/json;q=0.2", (JSON, HTML), HTML),
        ("*/*;q=0.1, application/json;q=0", (JSON, HTML), HTML),
        ("APPLICATION/JSON", (GEOJSON, JSON), JSON),
        ("application/json;profile=x", (JSON, HTML), JSON),
        ("application/json; charset=utf-8", (JSON, HTML), JSON),
        ("application/ndjson", (GEOJSON, NDJSON), NDJSON),
        ("application/vnd.oai.openapi+json", (OPENAPI, OPENAPI_31), OPENAPI),
        ('application/vnd.oai.openapi+json;version="3.1"', (OPENAPI, OPENAPI_31), OPENAPI_31),
        (",", (JSON, HTML), JSON),
        ("", (JSON, HTML), JSON),
        ("image/png, */*;q=0.01", (JSON,), JSON),
    ],
)
def test_accept_is_obeyed(accept, offers, found):
    assert accepted(accept, offers) == found


@pytest.mark.parametrize(
    "accept",
    ["image/png", "application/json;q=0", "*/*;q=0", "application/json;q=x", "nonsense", "a/b;q=2"],
)
def test_what_is_not_offered_is_refused_with_what_is(accept):
    with pytest.raises(NotAcceptable) as refused:
        accepted(accept, (JSON, HTML))
    assert refused.value.extra["offers"] == [JSON, HTML]


def _asked(query="", accept=BROWSER):
    headers = [(b"accept", accept.encode())]
    return Request({"type": "http", "headers": headers, "query_string": query.encode()})


def test_f_goes_before_accept():
    assert chosen(_asked("f=json"), GEOJSON, JSON, HTML) == JSON
    assert chosen(_asked("f=geojson&limit=1"), GEOJSON, JSON, HTML) == GEOJSON
    assert chosen(_asked("f=json"), "application/schema+json", HTML) == "application/schema+json"
    assert chosen(_asked("buf=x"), GEOJSON, JSON, HTML) == HTML
    with pytest.raises(BadRequest, match="f='ndjson'"):
        chosen(_asked("f=ndjson"), JSON, HTML)
    assert names((GEOJSON, HTML)) == ["json", "geojson", "html"]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("*, gzip;q=0", False),
        ("br", False),
        ("identity", False),
        ("", False),
    ],
)
def test_accept_encoding_is_obeyed(header, wanted):
    assert accepts_gzip({"headers": [(b"accept-encoding", header.encode())]}) is wanted


TEXT = b'{"some": "text"}' * 200
BODIES = {
    "/json": (TEXT, "application/geo+json"),
    "/small": (TEXT[: SMALLEST - 1], "application/json"),
    "/large": (TEXT * 1000, "text/html; charset=utf-8"),
    "/parquet": (TEXT, "application/vnd.apache.parquet"),
    "/events": (TEXT, "text/event-stream"),
}


async def _body(request):
    body, media = BODIES[request.url.path]
    if known := etags.not_modified(request, '"tag"'):
        return known
    return Response(body, headers={"ETag": '"tag"', "Vary": "Accept", "Content-Type": media})


async def _stream(request):
    async def pieces():
        for _ in range(3):
            yield TEXT

    return StreamingResponse(pieces(), media_type="application/x-ndjson")


@pytest.fixture
async def client(serve):
    routes = [Route(path, _body) for path in BODIES]
    app = Starlette(routes=[*routes, Route("/stream", _stream)])
    app.add_middleware(Compression)
    async with serve(app) as url, httpx2.AsyncClient(base_url=url, timeout=60) as client:
        yield client


async def _raw(client, path, **headers):
    async with client.stream("GET", path, headers=headers) as answer:
        return answer, b"".join([piece async for piece in answer.aiter_raw()])


@pytest.mark.parametrize("path", ["/json", "/large"])
async def test_large_texts_are_compressed_for_those_who_want(client, path):
    assert len(BODIES["/large"][0]) > ASIDE
    answer, raw = await _raw(client, path, **{"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == BODIES[path][0]
    assert int(answer.headers["content-length"]) == len(raw)
    assert answer.headers["etag"] == '"tag-gzip"'
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    plain, whole = await _raw(client, path, **{"accept-encoding": "identity"})
    assert (whole, plain.headers["etag"]) == (BODIES[path][0], '"tag"')
    assert plain.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("path", ["/small", "/parquet", "/events"])
async def test_what_gains_nothing_stays_as_it_is(client, path):
    answer, raw = await _raw(client, path, **{"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert (raw, answer.headers["etag"]) == (BODIES[path][0], '"tag"')


async def test_a_stream_is_compressed_piece_by_piece(client):
    answer, raw = await _raw(client, "/stream", **{"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == TEXT * 3


@pytest.mark.parametrize("tag", ['"tag"', '"tag-gzip"', 'W/"tag-gzip"', '"x", "tag-gzip"', "*"])
async def test_either_tag_is_known_again(client, tag):
    answer, raw = await _raw(client, "/json", **{"accept-encoding": "gzip", "if-none-match": tag})
    assert (answer.status_code, raw) == (304, b"")
    assert answer.headers["etag"] in ('"tag"', '"tag-gzip"')


async def test_head_tells_of_the_compressed_answer(client):
    got, _ = await _raw(client, "/json", **{"accept-encoding": "gzip"})
    told = await client.head("/json", headers={"accept-encoding": "gzip"})
    for name in ("content-length", "content-encoding", "etag", "vary"):
        assert told.headers[name] == got.headers[name]
