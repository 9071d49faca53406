"""The development provider, spoken to as its clients and its people do."""

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from earthcode_local.files import write_json
from earthcode_local.oidc.app import create_app
from earthcode_local.oidc.clients import DEVICE
from earthcode_local.oidc.people import PASSWORD, PEOPLE
from earthcode_local.oidc.provider import Provider, RefusedToStart, load_provider
from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER = "http://127.0.0.1:8999"
CALLBACK = "http://127.0.0.1:8080/auth/callback"
AFTER = "http://127.0.0.1:8080/"
WEB = ("gateway", "gateway-secret")
PLATFORM = ("demo-platform", "platform-secret")
CLIENTS = [
    {
        "id": WEB[0],
        "title": "EarthCODE",
        "secret": WEB[1],
        "grants": ["authorization_code", "refresh_token"],
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AFTER],
    },
    {"id": "cli", "title": "A command line", "grants": [DEVICE, "refresh_token"]},
    {
        "id": PLATFORM[0],
        "title": "Demo platform",
        "secret": PLATFORM[1],
        "grants": ["client_credentials"],
        "roles": ["platform"],
        "platform": "demo",
    },
]


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_json(tmp_path / "clients.json", CLIENTS)
    return tmp_path


@pytest.fixture
def provider(folder: Path) -> Provider:
    found = load_provider(ISSUER, folder, "local")
    found.memory.clock = Clock()
    return found


@pytest.fixture
async def browser(provider: Provider) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_app(provider))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


@pytest.fixture
def verifier() -> str:
    return secrets.token_urlsafe(48)


def later(provider: Provider, seconds: float) -> None:
    assert isinstance(provider.memory.clock, Clock)
    provider.memory.clock.now += seconds


def challenge(verifier: str) -> str:
    return (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )


def request(verifier: str, **changes: str | None) -> str:
    parameters = {
        "response_type": "code",
        "client_id": WEB[0],
        "redirect_uri": CALLBACK,
        "scope": "openid profile email roles",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    } | changes
    return "/authorize?" + urlencode({k: v for k, v in parameters.items() if v is not None})


def hidden(html: str) -> dict[str, str]:
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    return {name: value.replace("&amp;", "&") for name, value in found.items()}


def answer_of(response: httpx2.Response) -> dict[str, str]:
    assert response.status_code == 303, response.text
    assert response.headers["location"].startswith(CALLBACK + "?")
    return {k: v[0] for k, v in parse_qs(urlsplit(response.headers["location"]).query).items()}


async def log_in(
    browser: httpx2.AsyncClient, address: str, who: str = "cora", password: str = PASSWORD
) -> httpx2.Response:
    """From a page that wants a login to what follows it."""
    shown = await browser.get(address)
    assert shown.status_code == 200
    form = hidden(shown.text) | {"username": who, "password": password}
    entered = await browser.post("/login", data=form, headers={"origin": ISSUER})
    if entered.status_code != 303:
        return entered
    return await browser.get(entered.headers["location"])


async def code_for(browser: httpx2.AsyncClient, verifier: str, who: str = "cora") -> str:
    return answer_of(await log_in(browser, request(verifier), who))["code"]


async def exchange(
    browser: httpx2.AsyncClient, auth: tuple[str, str] | None = WEB, **form: str
) -> httpx2.Response:
    return await browser.post("/token", data=form, auth=auth)


async def tokens_for(
    browser: httpx2.AsyncClient, verifier: str, who: str = "cora"
) -> dict[str, str]:
    code = await code_for(browser, verifier, who)
    response = await redeem(browser, code, verifier)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def redeem(browser: httpx2.AsyncClient, code: str, verifier: str) -> httpx2.Response:
    return await exchange(
        browser,
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
        code_verifier=verifier,
    )


async def refresh(browser: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await exchange(browser, grant_type="refresh_token", refresh_token=token)


async def read(browser: httpx2.AsyncClient, token: str) -> jwt.Token:
    """Verified with the published keys and nothing else."""
    keys = KeySet.import_key_set((await browser.get("/jwks")).json())
    return jwt.decode(token, keys, algorithms=["RS256"])


def refused(response: httpx2.Response, error: str, status: int = 400) -> None:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text


async def test_the_published_description_fits_what_is_there(browser: httpx2.AsyncClient) -> None:
    about = (await browser.get("/.well-known/openid-configuration")).json()
    assert about["issuer"] == ISSUER
    assert about["code_challenge_methods_supported"] == ["S256"]
    assert about["id_token_signing_alg_values_supported"] == ["RS256"]
    for name, address in about.items():
        if name.endswith(("_endpoint", "_uri")):
            assert (await browser.get(address)).status_code != 404, name
    key = (await browser.get("/jwks")).json()["keys"][0]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


async def test_a_person_logs_in(browser: httpx2.AsyncClient, verifier: str) -> None:
    back = answer_of(await log_in(browser, request(verifier), "stella"))
    assert (back["state"], back["iss"]) == ("s-1", ISSUER)
    tokens = (await redeem(browser, back["code"], verifier)).json()
    identity = await read(browser, tokens["id_token"])
    assert identity.claims["aud"] == WEB[0]
    assert identity.claims["nonce"] == "n-1"
    assert identity.claims["name"] == "Stella Moreau"
    access = await read(browser, tokens["access_token"])
    assert access.header["typ"] == "at+jwt"
    about = access.claims
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} <= set(about)  # RFC 9068, 2.2
    assert (about["aud"], about["roles"], about["sub"]) == ("earthcode", ["steward"], "stella")
    assert about["exp"] - about["iat"] == tokens["expires_in"]


@pytest.mark.parametrize("person", PEOPLE)
async def test_everyone_has_their_role(
    browser: httpx2.AsyncClient, verifier: str, person: str
) -> None:
    tokens = await tokens_for(browser, verifier, person)
    found = await browser.get(
        "/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"}
    )
    assert found.json()["roles"] == list(PEOPLE[person].roles)
    assert found.json()["email"] == f"{person}@earthcode.example"


async def test_the_second_login_needs_no_password_unless_asked(
    browser: httpx2.AsyncClient, provider: Provider, verifier: str
) -> None:
    await code_for(browser, verifier)
    assert "code" in answer_of(await browser.get(request(verifier)))
    for fresh in ({"prompt": "login"}, {"max_age": "0"}):
        later(provider, 2)
        shown = await browser.get(request(verifier, **fresh))
        assert "Password" in shown.text, fresh
        assert "code" in answer_of(await log_in(browser, request(verifier, **fresh))), fresh


async def test_without_a_session_prompt_none_is_answered_with_an_error(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    response = await browser.get(request(verifier, prompt="none"))
    assert answer_of(response)["error"] == "login_required"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "http://example.com"}, "request_uri_not_supported"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"max_age": "-1"}, "invalid_request"),
    ],
)
async def test_a_request_that_asks_for_less_safety_is_sent_back(
    browser: httpx2.AsyncClient, verifier: str, change: dict[str, str | None], error: str
) -> None:
    back = answer_of(await browser.get(request(verifier, **change)))
    assert (back["error"], back["state"], "code" in back) == (error, "s-1", False)


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": "http://127.0.0.1:8080@evil.example/auth/callback"},
        {"redirect_uri": "http://localhost:8080/auth/callback"},
    ],
)
async def test_nothing_is_sent_to_an_address_that_is_not_registered(
    browser: httpx2.AsyncClient, verifier: str, change: dict[str, str | None]
) -> None:
    response = await browser.get(request(verifier, **change))
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_a_repeated_parameter_is_refused(browser: httpx2.AsyncClient, verifier: str) -> None:
    response = await browser.get(request(verifier) + "&redirect_uri=http%3A%2F%2Fevil.example")
    assert response.status_code == 400


async def test_a_wrong_verifier_spends_the_code(browser: httpx2.AsyncClient, verifier: str) -> None:
    code = await code_for(browser, verifier)
    refused(await redeem(browser, code, secrets.token_urlsafe(48)), "invalid_grant")
    refused(await redeem(browser, code, verifier), "invalid_grant")


@pytest.mark.parametrize("bad", ["", "short", "x" * 129])
async def test_a_verifier_has_the_length_of_the_rfc(browser: httpx2.AsyncClient, bad: str) -> None:
    """Even when the challenge was made from it."""
    code = await code_for(browser, bad)
    refused(await redeem(browser, code, bad), "invalid_grant")


async def test_a_replayed_code_ends_what_came_from_it(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    code = await code_for(browser, verifier)
    tokens = (await redeem(browser, code, verifier)).json()
    refused(await redeem(browser, code, verifier), "invalid_grant")
    refused(await refresh(browser, tokens["refresh_token"]), "invalid_grant")


async def test_a_code_is_for_its_client_its_address_and_a_minute(
    browser: httpx2.AsyncClient, provider: Provider, verifier: str
) -> None:
    form = {"grant_type": "authorization_code", "code_verifier": verifier}
    code = await code_for(browser, verifier)
    other = await exchange(browser, **form, code=code, redirect_uri=CALLBACK + "/")
    refused(other, "invalid_grant")
    late = answer_of(await browser.get(request(verifier)))["code"]
    later(provider, 61)
    refused(await redeem(browser, late, verifier), "invalid_grant")


async def test_refresh_tokens_rotate_and_reuse_ends_the_chain(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    first = (await tokens_for(browser, verifier))["refresh_token"]
    second = (await refresh(browser, first)).json()["refresh_token"]
    assert second != first
    third = (await refresh(browser, second)).json()["refresh_token"]
    refused(await refresh(browser, second), "invalid_grant")
    refused(await refresh(browser, third), "invalid_grant")


async def test_refresh_tokens_and_keys_outlive_a_restart(
    browser: httpx2.AsyncClient, provider: Provider, folder: Path, verifier: str
) -> None:
    tokens = await tokens_for(browser, verifier)
    used = tokens["refresh_token"]
    current = (await refresh(browser, used)).json()["refresh_token"]
    again = load_provider(ISSUER, folder, "local")
    again.memory.clock = provider.memory.clock
    transport = httpx2.ASGITransport(create_app(again))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as later:
        assert (await read(later, tokens["access_token"])).claims["sub"] == "cora"
        assert (await refresh(later, current)).status_code == 200
        refused(await refresh(later, used), "invalid_grant")


async def test_a_refresh_cannot_widen_the_scope(browser: httpx2.AsyncClient, verifier: str) -> None:
    answer = answer_of(await log_in(browser, request(verifier, scope="openid")))
    token = (await redeem(browser, answer["code"], verifier)).json()["refresh_token"]
    wider = await exchange(
        browser, grant_type="refresh_token", refresh_token=token, scope="openid email"
    )
    refused(wider, "invalid_scope")


async def test_the_files_with_secrets_are_private(
    browser: httpx2.AsyncClient, folder: Path, verifier: str
) -> None:
    tokens = await tokens_for(browser, verifier)
    secret_files = sorted(folder.iterdir())  # noqa: ASYNC240
    assert [p.name for p in secret_files] == ["clients.json", "keys.json", "refresh.json"]
    for path in secret_files:
        assert path.stat().st_mode & 0o777 == 0o600, path
        assert tokens["refresh_token"].partition(".")[2] not in path.read_text()


async def test_a_platform_acts_for_itself(browser: httpx2.AsyncClient) -> None:
    answer = (await exchange(browser, PLATFORM, grant_type="client_credentials")).json()
    assert "refresh_token" not in answer
    assert "id_token" not in answer
    about = (await read(browser, answer["access_token"])).claims
    assert (about["sub"], about["roles"], about["platform"]) == (
        "demo-platform",
        ["platform"],
        "demo",
    )
    found = await browser.get(
        "/userinfo", headers={"authorization": f"Bearer {answer['access_token']}"}
    )
    assert found.status_code == 401


@pytest.mark.parametrize(
    ("auth", "form", "error", "status"),
    [
        (WEB, {"grant_type": "client_credentials"}, "unauthorized_client", 400),
        (WEB, {"grant_type": "password"}, "unsupported_grant_type", 400),
        (WEB, {"scope": "openid"}, "unsupported_grant_type", 400),
        (("gateway", "wrong"), {"grant_type": "authorization_code"}, "invalid_client", 401),
        (("gateway", ""), {"grant_type": "authorization_code"}, "invalid_client", 401),
        (None, {"grant_type": "refresh_token", "client_id": "gateway"}, "invalid_client", 401),
        (("cli", "x"), {"grant_type": "refresh_token"}, "invalid_client", 401),
        (WEB, {"grant_type": "refresh_token", "client_id": "cli"}, "invalid_client", 401),
        (WEB, {"grant_type": "refresh_token", "client_secret": "x"}, "invalid_request", 400),
        (WEB, {"grant_type": "refresh_token", "refresh_token": "x.y"}, "invalid_grant", 400),
    ],
)
async def test_clients_get_what_they_are_registered_for(
    browser: httpx2.AsyncClient,
    auth: tuple[str, str] | None,
    form: dict[str, str],
    error: str,
    status: int,
) -> None:
    refused(await exchange(browser, auth, **form), error, status)


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Bearer abc", "Basic /w=="])
async def test_an_unreadable_client_authentication_is_a_401(
    browser: httpx2.AsyncClient, header: str
) -> None:
    response = await browser.post(
        "/token", data={"grant_type": "x"}, headers={"authorization": header}
    )
    refused(response, "invalid_client", 401)
    assert response.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"grant_type": "x"}', "application/json", 415),
        (b"a=1&a=2", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_what_is_not_a_form_is_refused(
    browser: httpx2.AsyncClient, body: bytes, kind: str, status: int
) -> None:
    response = await browser.post("/token", content=body, headers={"content-type": kind})
    refused(response, "invalid_request", status)


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = json.dumps(claims | {"sub": "otto"}).encode()
    return f"{head}.{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}.{signature}"


@pytest.mark.parametrize("spoil", [unsigned, tampered, lambda token: token + "x", lambda _: ""])
async def test_userinfo_believes_only_what_was_signed_here(
    browser: httpx2.AsyncClient, verifier: str, spoil: object
) -> None:
    token = (await tokens_for(browser, verifier))["access_token"]
    headers = {"authorization": f"Bearer {spoil(token)}"}  # type: ignore[operator]
    assert (await browser.get("/userinfo", headers=headers)).status_code == 401


async def test_userinfo_wants_an_access_token_in_its_time(
    browser: httpx2.AsyncClient, provider: Provider, verifier: str
) -> None:
    tokens = await tokens_for(browser, verifier)
    for name, status in (("access_token", 200), ("id_token", 401)):
        headers = {"authorization": f"Bearer {tokens[name]}"}
        assert (await browser.get("/userinfo", headers=headers)).status_code == status, name
    later(provider, 3601)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await browser.get("/userinfo", headers=headers)).status_code == 401


async def test_a_wrong_password_says_so_and_logs_nobody_in(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    for who, password in (("cora", "wrong"), ("nobody", PASSWORD), ("", "")):
        response = await log_in(browser, request(verifier), who, password)
        assert response.status_code == 401
        assert "Wrong name or password" in response.text
    assert "Password" in (await browser.get(request(verifier))).text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
async def test_another_site_cannot_log_a_person_in(
    browser: httpx2.AsyncClient, verifier: str, headers: dict[str, str]
) -> None:
    shown = await browser.get(request(verifier))
    form = hidden(shown.text) | {"username": "otto", "password": PASSWORD}
    response = await browser.post("/login", data=form, headers=headers)
    assert response.status_code == 400
    assert "set-cookie" not in response.headers


async def test_the_login_form_belongs_to_one_browser(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    shown = await browser.get(request(verifier))
    form = hidden(shown.text) | {"username": "otto", "password": PASSWORD}
    browser.cookies.clear()
    assert (await browser.post("/login", data=form)).status_code == 400
    await browser.get(request(verifier))
    assert (await browser.post("/login", data=form)).status_code == 400


@pytest.mark.parametrize("target", ["//evil.example", "http://evil.example", "/logout", ""])
async def test_a_login_leads_nowhere_else(browser: httpx2.AsyncClient, target: str) -> None:
    shown = await browser.get("/device")
    form = hidden(shown.text) | {"username": "otto", "password": PASSWORD, "next": target}
    response = await browser.post("/login", data=form)
    assert (response.status_code, "location" in response.headers) == (400, False)


async def test_pages_cannot_be_framed_kept_or_scripted(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    state = '"><script>alert(1)</script>'
    shown = await browser.get(request(verifier, state=state))
    assert "<script>alert" not in shown.text
    policy = shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8080;" in policy
    assert shown.headers["cache-control"] == "no-store"
    assert PASSWORD in shown.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8999", "127.0.0.1:1", ""])
async def test_another_name_for_this_address_is_refused(
    browser: httpx2.AsyncClient, host: str
) -> None:
    response = await browser.get("/.well-known/openid-configuration", headers={"host": host})
    assert response.status_code == 400


async def start_device(browser: httpx2.AsyncClient) -> dict[str, str]:
    asked = await browser.post(
        "/device_authorization", data={"client_id": "cli", "scope": "openid profile"}
    )
    return dict(asked.json())


async def poll(browser: httpx2.AsyncClient, device_code: str) -> httpx2.Response:
    return await exchange(
        browser, None, grant_type=DEVICE, device_code=device_code, client_id="cli"
    )


async def test_a_program_waits_until_a_person_allows_it(
    browser: httpx2.AsyncClient, provider: Provider
) -> None:
    asked = await start_device(browser)
    code = asked["device_code"]
    refused(await poll(browser, code), "authorization_pending")
    refused(await poll(browser, code), "slow_down")
    question = await log_in(browser, asked["verification_uri_complete"])
    assert asked["user_code"] in question.text
    refused(await poll(browser, code), "slow_down")
    allowed = await browser.post("/device", data=hidden(question.text) | {"answer": "allow"})
    assert allowed.status_code == 200
    tokens = (await poll(browser, code)).json()
    assert (await read(browser, tokens["access_token"])).claims["sub"] == "cora"
    refused(await poll(browser, code), "invalid_grant")


async def test_a_refused_or_late_program_is_told(
    browser: httpx2.AsyncClient, provider: Provider
) -> None:
    asked = await start_device(browser)
    spoken = asked["user_code"].replace("-", " ").lower()
    question = await log_in(browser, "/device?" + urlencode({"user_code": spoken}))
    await browser.post("/device", data=hidden(question.text) | {"answer": "refuse"})
    refused(await poll(browser, asked["device_code"]), "access_denied")
    late = await start_device(browser)
    later(provider, 601)
    refused(await poll(browser, late["device_code"]), "expired_token")


async def test_the_device_question_is_not_answered_by_another_site(
    browser: httpx2.AsyncClient,
) -> None:
    asked = await start_device(browser)
    question = await log_in(browser, asked["verification_uri_complete"])
    form = hidden(question.text) | {"answer": "allow"}
    evil = await browser.post("/device", data=form, headers={"origin": "http://evil.example"})
    assert evil.status_code == 400
    assert (await browser.post("/device", data=form | {"csrf": ""})).status_code == 400
    refused(await poll(browser, asked["device_code"]), "authorization_pending")


async def test_a_device_code_nobody_knows(browser: httpx2.AsyncClient) -> None:
    refused(await poll(browser, "unknown"), "invalid_grant")
    response = await log_in(browser, "/device?user_code=BBBB-BBBB")
    assert response.status_code == 404


async def test_logout_ends_the_session_and_its_refresh_tokens(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    tokens = await tokens_for(browser, verifier)
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER, "state": "x"}
    response = await browser.get("/logout?" + urlencode(query))
    assert response.headers["location"] == AFTER + "?state=x"
    assert "Password" in (await browser.get(request(verifier))).text
    refused(await refresh(browser, tokens["refresh_token"]), "invalid_grant")


async def test_logout_without_a_hint_asks(browser: httpx2.AsyncClient, verifier: str) -> None:
    await tokens_for(browser, verifier)
    question = await browser.get("/logout")
    assert "Log out?" in question.text
    assert "code" in answer_of(await browser.get(request(verifier))), "still logged in"
    done = await browser.post("/logout", data=hidden(question.text), headers={"origin": ISSUER})
    assert "You are logged out" in done.text
    assert "Password" in (await browser.get(request(verifier))).text


async def test_logout_redirects_to_registered_addresses_only(
    browser: httpx2.AsyncClient, verifier: str
) -> None:
    token = (await tokens_for(browser, verifier))["id_token"]
    for hint in ({"id_token_hint": token}, {"client_id": WEB[0]}, {}):
        query = hint | {"post_logout_redirect_uri": "http://evil.example/"}
        response = await browser.get("/logout?" + urlencode(query))
        assert (response.status_code, "location" in response.headers) == (400, False)


@pytest.mark.parametrize(
    ("issuer", "environment"),
    [
        (ISSUER, "production"),
        (ISSUER, ""),
        ("http://0.0.0.0:8999", "local"),
        ("http://192.168.1.7:8999", "local"),
        ("https://id.example.org", "local"),
        ("http://127.0.0.1.evil.example:8999", "local"),
        ("http://127.0.0.1:80@evil.example", "local"),
        ("http://127.0.0.1:8999/realm", "local"),
    ],
)
def test_it_refuses_to_run_for_others(tmp_path: Path, issuer: str, environment: str) -> None:
    with pytest.raises(RefusedToStart):
        load_provider(issuer, tmp_path, environment)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "environment"),
    [([], {}), (["--host", "0.0.0.0"], {"EARTHCODE_ENVIRONMENT": "local"})],
)
def test_the_program_refuses_as_well(
    tmp_path: Path, options: list[str], environment: dict[str, str]
) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("EARTHCODE_")}
    done = subprocess.run(
        [sys.executable, "-m", "earthcode_local.oidc", "--data-dir", tmp_path / "x", *options],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "development provider" in done.stderr
