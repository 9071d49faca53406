"""Clients by themselves, and what an access token opens."""

import base64
import json

import httpx2
import pytest
from earthcode_local.oidc.provider import Provider

from tests.local.oidc_world import (
    PLATFORM,
    WEB,
    exchange,
    later,
    read,
    refused,
    tokens_for,
)


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
