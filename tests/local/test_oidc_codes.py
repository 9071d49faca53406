"""Logging in with a code, and what it is exchanged for."""

import secrets
from pathlib import Path

import httpx2
import pytest
from earthcode_local.oidc.app import create_app
from earthcode_local.oidc.people import PEOPLE
from earthcode_local.oidc.provider import Provider, load_provider

from tests.local.oidc_world import (
    CALLBACK,
    ISSUER,
    WEB,
    answer_of,
    code_for,
    exchange,
    later,
    log_in,
    read,
    redeem,
    refresh,
    refused,
    request,
    tokens_for,
)


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
