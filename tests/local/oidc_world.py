"""The development provider, spoken to as its clients and its people do."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from earthcode_local.oidc.clients import DEVICE
from earthcode_local.oidc.people import PASSWORD
from earthcode_local.oidc.provider import Provider
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
