"""Requests as bytes: refused when ambiguous, forwarded byte for byte otherwise."""

import pytest
from auth_gateway.domain.headers import FORWARDED

from tests.auth_gateway.conftest import World
from tests.auth_gateway.raw_http import get, send
from tests.auth_gateway.test_paths import ACCEPTED, REFUSED

SPOOFED = """
    X-User X-Auth-User X-Forwarded-User X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto
    X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Uri X-Forwarded-Method X-Forwarded-Email
    X-Forwarded-Groups X-Forwarded-Access-Token Forwarded X-Original-URL X-Original-URI
    X-Rewrite-URL X-Real-IP True-Client-IP X-Client-Cert X-Remote-User Remote-User Remote-Groups
    X-Roles X-Platform X-Earthcode-Sub X-Earthcode-Roles X-Principal X-HTTP-Method-Override
    X-HTTP-Method X-Method-Override X-Access-Token X-Userinfo X-ID-Token X-Jwt-Assertion
    Proxy-Authorization X-Api-Key Via X-Envoy-Original-Path X-Amzn-Oidc-Identity
    Nats-Request-Info X-Ms-Client-Principal-Name Cookie2 Upgrade-Insecure-Requests Keep-Alive TE
    Trailer
""".split()  # noqa: SIM905


def spellings(name: str) -> list[bytes]:
    forms = [name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", ".")]
    return [form.encode() for form in dict.fromkeys(forms)]


@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE"])
async def test_ambiguous_targets_never_reach_a_service(world: World, method: bytes) -> None:
    targets = [raw for raw in REFUSED if raw.startswith(b"/")]
    for private in (b"/publish/submissions/", b"/stac/collections/a/items/"):
        targets += [private + tail for tail in (b"..%2f", b"%2e%2e/", b"..;/", b"%00", b"a;b")]
    targets.remove(b"/stac/#x")
    statuses = {t: (await send(world.port, get(t, method=method))).status for t in targets}
    assert {t: s for t, s in statuses.items() if s != 400} == {}
    assert all(echo.seen == [] for echo in world.echoes.values())


async def test_a_fragment_is_neither_judged_nor_forwarded(world: World) -> None:
    answer = await send(world.port, get(b"/stac/x#/../../publish/submissions"))
    assert answer.status == 200
    assert world.echoes["catalog-api"].last.target == b"/stac/x"


@pytest.mark.parametrize("value", [b"\x80", b"x\xb3e\xda", b"\xff"])
async def test_a_header_that_is_no_text_is_refused_as_a_problem(world: World, value: bytes) -> None:
    answer = await send(world.port, get(b"/stac/x", b"If-Match: " + value))
    assert answer.status == 400
    assert b"neither ASCII nor UTF-8" in answer.body
    assert world.echoes["catalog-api"].seen == []


async def test_a_service_gets_the_very_bytes_that_were_judged(world: World) -> None:
    tails = (b"", b"?a=%2e%2e/../;x&b=%20+&&c", b"?bbox=-180,-90,180,90&q=%C3%A9")
    targets = [raw + tail for raw in ACCEPTED if raw.startswith(b"/stac") for tail in tails]
    for target in targets:
        answer = await send(world.port, get(target))
        assert answer.status == 200, target
        assert world.echoes["catalog-api"].last.target == target
    assert len(world.echoes["catalog-api"].seen) == len(targets)


@pytest.mark.parametrize(
    ("target", "service"),
    [
        (b"/stac/x", "catalog-api"),
        (b"/records/x", "records-api"),
        (b"/publish/events", "publisher"),
        (b"/reproduce/x", "reproducer"),
    ],
)
async def test_each_prefix_has_its_service(world: World, target: bytes, service: str) -> None:
    await send(world.port, get(target))
    assert {name: len(echo.seen) for name, echo in world.echoes.items() if echo.seen} == {
        service: 1
    }


async def test_no_claimed_identity_reaches_a_service(world: World) -> None:
    rows = [form + b": operator" for name in SPOOFED for form in spellings(name)]
    for start in range(0, len(rows), 40):
        answer = await send(world.port, get(b"/stac", *rows[start : start + 40]))
        assert answer.status == 200
        names = [name.lower() for name, _ in world.echoes["catalog-api"].last.headers]
        assert set(names) <= FORWARDED | {b"host", b"x-request-id"}


async def test_with_a_token_a_service_sees_exactly_the_gateways_authorization(
    world: World,
) -> None:
    token = world.issuer.token().encode()
    spoofs = [b"Authorization_: Bearer x", b"authorization.: Bearer x", b"X-Authorization: x"]
    answer = await send(world.port, get(b"/stac", b"Authorization: Bearer " + token, *spoofs))
    assert answer.status == 200
    seen = world.echoes["catalog-api"].last
    found = [value for name, value in seen.headers if b"authorization" in name.lower()]
    assert len(found) == 1
    assert token not in found[0]
    assert (await world.principal("catalog-api")).name == "Cora"


async def test_connection_cannot_name_the_gateways_headers_away(world: World) -> None:
    token = world.issuer.token().encode()
    rows = [
        b"Authorization: Bearer " + token,
        b"Connection: Authorization, X-Request-Id, Accept, Content-Length",
        b"Accept: application/json",
        b"X-Request-Id: abcdefgh12345678",
    ]
    await send(world.port, get(b"/stac", *rows))
    seen = world.echoes["catalog-api"].last
    assert len(seen.all(b"authorization")) == 1
    assert seen.all(b"x-request-id") == [b"abcdefgh12345678"]
    assert seen.all(b"accept") == []


@pytest.mark.parametrize(
    "rows",
    [
        [b"Host: a", b"Host: b"],
        [b"Host: a", b"Host: a"],
        [b"Host: evil/?"],
        [b"Host: a b"],
        [b"Host: user@a"],
        [b"Host: "],
        [],
        [b"Host: a", b"Authorization: Bearer x", b"Authorization: Bearer y"],
        [b"Host: a", b"Content-Length: 1", b"Content-Length: 2"],
        [b"Host: a", b"Content-Length: 5, 5"],
        [b"Host: a", b"Content-Length: -1"],
        [b"Host: a", b"Content-Length: +5"],
        [b"Host: a", b"Content-Length: 0x5"],
        [b"Host: a", b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Host: a", b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"],
        [b"Host: a", b"Transfer-Encoding: x, chunked"],
        [b"Host: a", b"Content-Type: a/b", b"Content-Type: c/d"],
        [b"Host: a", b"Accept: \xff\xfe"],
        [b"Host: a", b"Accept: a\x00b"],
        [b"Host: a\n", b"Accept: x"],
        [b"Host : a"],
        [b"Host: a", b" folded: x"],
    ],
    ids=lambda rows: b" | ".join(rows).decode("latin-1"),
)
async def test_ambiguous_headers_are_refused(world: World, rows: list[bytes]) -> None:
    request = b"\r\n".join([b"GET /stac HTTP/1.1", *rows, b"", b"abcde"])
    answer = await send(world.port, request)
    assert answer.status == 400
    assert world.echoes["catalog-api"].seen == []


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([b"X-Long: " + b"a" * 70_000], 431),
        ([b"X-Many: 1"] * 300, 431),
        ([b"Cookie: " + b"a" * 5000], 200),
        ([b"Accept: \xc3\xa9"], 200),
        ([b"Authorization: Bearer "], 401),
        ([b"Authorization:"], 401),
        ([b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"], 200),
        ([b"Upgrade: websocket", b"Sec-WebSocket-Key: x", b"Sec-WebSocket-Version: 13"], 200),
        ([b"Expect: 100-continue"], 200),
    ],
    ids=str,
)
async def test_unusual_headers(world: World, rows: list[bytes], status: int) -> None:
    answer = await send(world.port, get(b"/stac", *rows))
    assert answer.status == status
    if status == 200:
        names = {name.lower() for name, _ in world.echoes["catalog-api"].last.headers}
        assert not names & {b"upgrade", b"expect", b"cookie", b"connection", b"http2-settings"}


async def test_a_second_request_hidden_in_a_body_is_not_executed(world: World) -> None:
    hidden = b"DELETE /stac/collections/a/items/b HTTP/1.1\r\nHost: a\r\n\r\n"
    request = (
        b"POST /stac/search HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden
    )
    assert (await send(world.port, request)).status == 400
    assert world.echoes["catalog-api"].seen == []


@pytest.mark.parametrize(
    ("method", "status"),
    [
        (b"TRACE", 405),
        (b"CONNECT", 405),
        (b"PROPFIND", 501),
        (b"BREW", 400),
        (b"get", 400),
        (b"PATCH", 405),
    ],
)
async def test_methods_that_nothing_has(world: World, method: bytes, status: int) -> None:
    answer = await send(world.port, get(b"/stac", method=method))
    assert answer.status == status
    assert world.echoes["catalog-api"].seen == []
    assert bool(answer.all("allow")) is (status in (405, 501))


async def test_another_method_cannot_be_smuggled_in(world: World) -> None:
    rows = [b"X-HTTP-Method-Override: DELETE", b"X-Method-Override: DELETE", b"Content-Length: 0"]
    await send(world.port, get(b"/stac/search?_method=DELETE", *rows, method=b"POST"))
    assert world.echoes["catalog-api"].last.line.startswith(b"POST /stac/search?")


async def test_head_is_decided_as_get(world: World) -> None:
    assert (await world.client.head("/stac")).status_code == 200
    assert world.echoes["catalog-api"].last.line.startswith(b"HEAD ")
    assert (await world.client.head("/publish/submissions")).status_code == 401
    assert (await world.client.head("/auth/me")).status_code == 200
    assert (await world.client.head("/auth/audit")).status_code == 401


async def test_options_needs_no_login_and_carries_none(world: World) -> None:
    rows = {
        "Origin": "https://browser.example",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization",
    }
    for path in ("/publish/submissions", "/stac/collections/a/items/b", "/reproduce/runs/1"):
        answer = await world.client.options(path, headers=rows | world.bearer("steward"))
        assert answer.status_code == 200
    seen = world.echoes["publisher"].last
    assert seen.all(b"access-control-request-headers") == [b"authorization"]
    assert seen.all(b"authorization") == []
    assert (await world.client.options("/admin", headers=rows)).status_code == 404


async def test_a_refusal_can_be_read_by_a_page_of_another_site(world: World) -> None:
    for path in ("/publish/submissions", "/stac/%2e%2e/x", "/admin"):
        answer = await world.client.get(path, headers={"Origin": "https://browser.example"})
        assert answer.status_code in (400, 401, 404)
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


POLICY = [
    ("GET", "/publish/submissions", {"contributor": 200, "reader": 403, "": 401}),
    ("POST", "/publish/submissions", {"platform": 200, "technical-officer": 200, "reader": 403}),
    ("POST", "/publish/submissions/1/actions/approve", {"steward": 200, "contributor": 403}),
    ("POST", "/publish/submissions/1/actions/approve", {"operator": 403, "": 401}),
    ("POST", "/publish/imports", {"operator": 200, "steward": 200, "platform": 403}),
    ("DELETE", "/stac/collections/a/items/b", {"platform": 200, "technical-officer": 403}),
    ("POST", "/reproduce/runs", {"contributor": 200, "reader": 403, "": 401}),
    ("GET", "/auth/audit", {"operator": 200, "steward": 403, "": 401}),
    ("GET", "/auth/roles", {"operator": 200, "steward": 403, "": 401}),
]


@pytest.mark.parametrize(("method", "path", "expected"), POLICY)
async def test_the_policy_is_enforced(
    world: World, method: str, path: str, expected: dict[str, int]
) -> None:
    for role, status in expected.items():
        headers = world.bearer(role, sub=f"some-{role}") if role else {}
        answer = await world.client.request(method, path, headers=headers)
        assert answer.status_code == status, (role, answer.text)
        assert ("WWW-Authenticate" in answer.headers) is (status == 401)
