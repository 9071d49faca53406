"""Programs without a browser (RFC 8628)."""

from urllib.parse import urlencode

import httpx2
from earthcode_local.oidc.clients import DEVICE
from earthcode_local.oidc.provider import Provider

from tests.local.oidc_world import exchange, hidden, later, log_in, read, refused


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
