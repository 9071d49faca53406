"""Logging in with an issuer in our hands, and everything that must not count as a login."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from auth_gateway.settings import Issuer

from tests.auth_gateway.conftest import World
from tests.auth_gateway.tiny_issuer import TinyIssuer


async def to_issuer(world: World, next: str = "/stac") -> httpx2.Response:
    return await world.client.get("/auth/login", params={"next": next})


async def answer_of(world: World, started: httpx2.Response) -> str:
    """The issuer's answer: an address of the gateway's callback."""
    async with httpx2.AsyncClient(timeout=60) as browser:
        answer = await browser.get(started.headers["location"])
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


async def log_in(world: World, next: str = "/stac") -> httpx2.Response:
    return await world.client.get(await answer_of(world, await to_issuer(world, next)))


async def me(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (await world.client.get("/auth/me")).json()
    return found


def session_secret(world: World) -> str | None:
    return world.client.cookies.get(world.session_cookie)


def own(world: World) -> dict[str, str]:
    """What a browser sends along when one of our own pages writes."""
    return {"Origin": world.url, "Sec-Fetch-Site": "same-origin"}


async def test_a_login_makes_a_session_that_services_see_as_a_principal(world: World) -> None:
    started = await to_issuer(world, "/stac/collections?q=sea ice")
    asked = parse_qs(urlsplit(started.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{world.url}/auth/callback"]
    done = await world.client.get(await answer_of(world, started))
    assert (done.status_code, done.headers["location"]) == (303, f"{world.url}/")
    cookie = next(v for k, v in done.headers.multi_items() if k == "set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    answer = await world.client.get("/publish/submissions")
    assert answer.status_code == 200
    who = await world.principal("publisher")
    assert (who.name, who.roles) == ("Cora", {"reader", "contributor"})
    assert (await me(world))["method"] == "session"


async def test_the_session_cookie_never_reaches_a_service(world: World) -> None:
    await log_in(world)
    await world.client.get("/stac")
    assert world.echoes["catalog-api"].last.all(b"cookie") == []


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/stac/collections?q=a&limit=2", "/stac/collections?q=a&limit=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/%09/evil.example", "/"),
        ("/%2f/evil.example", "/"),
        ("/%252f/evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/..//evil.example", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("/ /evil.example", "/"),
        ("http://127.0.0.1@evil.example/", "/"),
        ("/auth/logout", "/"),
        ("", "/"),
    ],
)
async def test_a_login_leads_to_this_site_only(world: World, wanted: str, led_to: str) -> None:
    done = await log_in(world, wanted)
    assert (done.status_code, done.headers["location"]) == (303, world.url + led_to)


async def test_https_cookies_carry_the_host_prefix(make_world: Any) -> None:
    async with make_world(public_url="https://earthcode.example") as world:
        host = {"Host": "earthcode.example"}
        started = await world.client.get("/auth/login", headers=host)
        cookie = started.headers["set-cookie"]
        assert cookie.startswith("__Host-earthcode_login=")
        assert "Secure" in cookie
        assert "Domain" not in cookie


async def test_logging_in_happens_at_the_public_host(world: World) -> None:
    answer = await world.client.get("/auth/login?next=/stac", headers={"Host": "localhost:1"})
    assert answer.headers["location"] == f"{world.url}/auth/login?next=/stac"
    assert "set-cookie" not in answer.headers


async def test_a_state_works_once(world: World) -> None:
    address = await answer_of(world, await to_issuer(world))
    first = await world.client.get(address)
    again = await world.client.get(address)
    assert (first.status_code, again.status_code) == (303, 400)
    assert again.json()["code"] == "login-failed"


async def test_an_answer_in_another_browser_is_no_login(world: World) -> None:
    address = await answer_of(world, await to_issuer(world))
    async with httpx2.AsyncClient(timeout=60) as victim:
        bare = await victim.get(address)
        name = f"earthcode_{world.port}_login"
        foreign = await victim.get(address, headers={"Cookie": f"{name}={'x' * 43}"})
    assert (bare.status_code, foreign.status_code) == (400, 400)
    assert (await world.client.get(address)).status_code == 303


async def test_tabs_log_in_side_by_side(world: World) -> None:
    started = [await to_issuer(world, f"/stac/{n}") for n in range(20)]
    answers = [await answer_of(world, one) for one in started]
    led = [(await world.client.get(one)).headers["location"] for one in reversed(answers)]
    assert led == [f"{world.url}/stac/{n}" for n in reversed(range(20))]


async def test_a_login_changes_the_session_and_ends_the_old_one(world: World) -> None:
    name = world.session_cookie
    world.client.cookies.set(name, "planted-by-somebody-else", domain="127.0.0.1")
    await log_in(world)
    first = [c.value for c in world.client.cookies.jar if c.name == name][-1]
    assert first != "planted-by-somebody-else"
    world.client.cookies.clear()
    world.client.cookies.set(name, first or "")
    await log_in(world)
    async with httpx2.AsyncClient(base_url=world.url, timeout=60) as thief:
        answer = await thief.get("/auth/me", headers={"Cookie": f"{name}={first}"})
    assert answer.json()["authenticated"] is False


def _set(**changes: Any) -> Callable[[TinyIssuer], None]:
    def change(issuer: TinyIssuer) -> None:
        for name, value in changes.items():
            setattr(issuer, name, value)

    return change


FAILURES = {
    "nonce of another login": _set(id_claims={"nonce": "other"}),
    "no nonce": _set(id_claims={"nonce": None}),
    "another client's ID token": _set(id_claims={"aud": "other"}),
    "several audiences without azp": _set(id_claims={"aud": ["gateway", "other"]}),
    "another authorized party": _set(id_claims={"azp": "other"}),
    "another issuer": _set(id_claims={"iss": "https://other.example"}),
    "expired": _set(id_claims={"exp": 1}),
    "no expiry": _set(id_claims={"exp": None}),
    "no subject": _set(id_claims={"sub": None}),
    "a subject that is a number": _set(id_claims={"sub": 7}),
    "a key in the header": _set(id_header={"jku": "http://127.0.0.1:1/keys"}),
    "mix-up of issuers (RFC 9207)": _set(callback={"iss": "https://other.example"}),
    "an error": _set(callback={"error": "access_denied", "code": None}),
    "an error with markup": _set(callback={"error": "<script>", "code": None}),
    "no code": _set(callback={"code": None}),
    "a foreign code": _set(callback={"code": "stolen"}),
    "a foreign state": _set(callback={"state": "forged"}),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_what_is_no_login(world: World, failure: str) -> None:
    FAILURES[failure](world.issuer)
    done = await log_in(world)
    assert done.status_code == 400, done.text
    assert done.json()["code"] == "login-failed"
    assert "script>" not in done.text
    assert (await me(world))["authenticated"] is False
    assert await world.audit(event="deny", rule="gateway.callback", decision="login-failed")


async def test_the_answer_must_name_its_issuer_when_the_issuer_promises_to(world: World) -> None:
    world.issuer.metadata = {"authorization_response_iss_parameter_supported": True}
    world.issuer.callback = {"iss": None}
    assert (await log_in(world)).status_code == 400


async def test_an_unsigned_id_token_is_no_login(world: World) -> None:
    """The issuer even announces `none`; the algorithms are ours to choose."""
    world.issuer.id_header = {"alg": "none"}
    world.issuer.sign = _unsigned  # type: ignore[method-assign]
    done = await log_in(world)
    assert done.status_code == 400


def _unsigned(claims: dict[str, Any], header: dict[str, Any], key: Any = None) -> str:
    from base64 import urlsafe_b64encode as b64

    import orjson

    parts = [b64(orjson.dumps(part)).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join(parts) + "."


async def test_logging_out_ends_the_session_everywhere(world: World) -> None:
    await log_in(world)
    secret = session_secret(world)
    done = await world.client.post("/auth/logout", headers=own(world))
    where = urlsplit(done.headers["location"])
    asked = parse_qs(where.query)
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{world.issuer.url}/end"
    assert asked["post_logout_redirect_uri"] == [f"{world.url}/"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert session_secret(world) is None
    header = {"Cookie": f"{world.session_cookie}={secret}"}
    assert (await world.client.get("/publish/submissions", headers=header)).status_code == 401
    assert len(await world.audit(event="logout", status=303)) == 1


async def test_another_site_cannot_log_anybody_out(world: World) -> None:
    await log_in(world)
    secret = session_secret(world)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        await world.client.post("/auth/logout", headers=headers)
        world.client.cookies.set(world.session_cookie, secret or "", domain="127.0.0.1")
    assert (await me(world))["authenticated"] is True
    assert await world.audit(event="logout") == []


WRITE = ("POST", "/publish/submissions")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Referer": "{own}/page"}, 200),
        ({"Origin": "https://evil.example"}, 401),
        ({"Origin": "null"}, 401),
        ({"Origin": "{own}.evil.example"}, 401),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-site"}, 401),
        ({"Origin": "{own}", "Sec-Fetch-Site": "cross-site"}, 401),
        ({"Referer": "https://evil.example/{own}"}, 401),
        ({}, 401),
    ],
)
async def test_a_write_counts_the_cookie_only_from_our_own_pages(
    world: World, headers: dict[str, str], status: int
) -> None:
    await log_in(world)
    given = {name: value.replace("{own}", world.url) for name, value in headers.items()}
    answer = await world.client.request(*WRITE, headers=given, json={})
    assert answer.status_code == status
    assert len(world.echoes["publisher"].seen) == (status == 200)
    if status != 200:
        assert await world.audit(decision="cross-site")
        assert f"only when their Origin is {world.url}" in answer.json()["detail"]
        assert "bearer token" in answer.json()["errors"][0]["hint"]


async def test_a_write_without_a_session_is_asked_to_log_in(world: World) -> None:
    world.client.cookies.set("theme", "dark", domain="127.0.0.1")
    answer = await world.client.request(*WRITE, json={})
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("Log in first")


async def test_a_bearer_token_wins_over_the_cookie(world: World) -> None:
    await log_in(world)
    headers = world.bearer("steward", sub="stella")
    answer = await world.client.get("/auth/me", headers=headers)
    assert answer.json()["subject"] == "stella"
    bad = await world.client.get("/auth/me", headers={"Authorization": "Bearer x"})
    assert bad.status_code == 401


@pytest.mark.parametrize("value", ["", "x", "x" * 5000, "a\tb", "é", "%00", '"quoted"'])
async def test_a_cookie_that_is_no_session_counts_as_none(world: World, value: str) -> None:
    header = {"Cookie": f"{world.session_cookie}={value}".encode("latin-1")}
    answer = await world.client.get("/auth/me", headers=header)  # type: ignore[arg-type]
    assert answer.json()["authenticated"] is False


async def test_two_different_session_cookies_count_as_none(world: World) -> None:
    await log_in(world)
    name, secret = world.session_cookie, session_secret(world)
    async with httpx2.AsyncClient(base_url=world.url, timeout=60) as browser:
        tossed = await browser.get(
            "/auth/me", headers={"Cookie": f"{name}=planted; {name}={secret}"}
        )
    assert tossed.json()["authenticated"] is False


async def test_a_session_ends_when_unused(make_world: Any) -> None:
    async with make_world(session_idle_seconds=0, belief_seconds=0) as world:
        await log_in(world)
        assert (await me(world))["authenticated"] is False


async def test_a_session_ends_for_good(make_world: Any) -> None:
    async with make_world(session_absolute_seconds=0, belief_seconds=0) as world:
        await log_in(world)
        world.client.cookies.set(world.session_cookie, "kept-by-a-careless-browser")
        assert (await me(world))["authenticated"] is False


async def test_the_issuer_being_down_stops_logins_alone(make_world: Any) -> None:
    async with make_world(issuer_up=False) as world:
        assert (await world.client.get("/readyz")).status_code == 200
        assert (await world.client.get("/stac")).status_code == 200
        login = await to_issuer(world)
        assert (login.status_code, "Retry-After" in login.headers) == (503, True)
        token = await world.client.get("/stac", headers=world.bearer("reader"))
        assert token.status_code == 503


async def test_with_several_issuers_people_choose(make_world: Any) -> None:
    several = [
        Issuer(name=name, issuer=f"https://{name}.example", client_id="gateway")
        for name in ("first", "second")
    ]
    machine = Issuer(name="machines", issuer="https://m.example", login=False)
    async with make_world(issuers=[*several, machine]) as world:
        page = await world.client.get("/auth/login?next=/stac", headers={"Accept": "text/html"})
        assert "/auth/login?issuer=first&amp;next=/stac" in page.text
        assert "machines" not in page.text
        assert (await world.client.get("/auth/login?issuer=nobody")).status_code == 404
        listed = (await world.client.get("/auth/issuers")).json()["issuers"]
        assert [(i["name"], bool(i["login"])) for i in listed] == [
            ("first", True),
            ("second", True),
            ("machines", False),
        ]
