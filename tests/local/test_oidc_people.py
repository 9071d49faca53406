"""The pages people see: login and logout."""

from urllib.parse import urlencode

import httpx2
import pytest
from earthcode_local.oidc.people import PASSWORD

from tests.local.oidc_world import (
    AFTER,
    ISSUER,
    WEB,
    answer_of,
    hidden,
    log_in,
    refresh,
    refused,
    request,
    tokens_for,
)


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
