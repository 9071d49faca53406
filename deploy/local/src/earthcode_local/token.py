"""`earthcode token`: log in at the development provider as somebody, for scripts and curl."""

import base64
import hashlib
import re
import secrets
import sys
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import click
import httpx2

from earthcode_local.launch.config import (
    CLI_CLIENT,
    CLI_REDIRECT,
    PLATFORM_CLIENT,
    PLATFORM_SECRET,
)
from earthcode_local.oidc.people import PASSWORD, person_with_role
from earthcode_local.state import NotRunning, find

ROLES = ("contributor", "platform", "steward", "technical-officer", "operator")


class LoginFailed(RuntimeError):
    """The provider did not give a token."""


@click.command()
@click.option("--as", "role", type=click.Choice(ROLES), required=True, help="Whose token.")
def token(role: str) -> None:
    """Print an access token of a demonstration person, or of the demonstration platform.

    Ready for `Authorization: Bearer`; good for an hour. Local deployments only.
    """
    try:
        click.echo(token_as(role, find().issuer))
    except (NotRunning, LoginFailed, httpx2.HTTPError) as error:
        click.echo(f"earthcode token: {error}", err=True)
        sys.exit(1)


def token_as(role: str, issuer: str) -> str:
    """An access token of the person (or the platform) with this role; raises LoginFailed."""
    with httpx2.Client(base_url=issuer, timeout=10, trust_env=False) as client:
        if role == "platform":
            return _token(
                client,
                grant_type="client_credentials",
                client_id=PLATFORM_CLIENT,
                client_secret=PLATFORM_SECRET,
            )
        person = person_with_role(role)
        if person is None:
            raise LoginFailed(f"nobody here is {role}")
        return _person_token(client, person.username)


def _person_token(client: httpx2.Client, username: str) -> str:
    """The authorization code flow, as a browser would go through it."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": CLI_CLIENT,
        "redirect_uri": CLI_REDIRECT,
        "scope": "openid profile email roles",
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    form = client.get("/authorize?" + urlencode(asked)).text
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    filled = {name: unescape(value) for name, value in fields}
    filled |= {"username": username, "password": PASSWORD}
    entered = client.post("/login", data=filled)
    back = client.get(entered.headers.get("location", "/")).headers.get("location", "")
    code = parse_qs(urlsplit(back).query).get("code")
    if not back.startswith(CLI_REDIRECT) or not code:
        raise LoginFailed(f"the provider did not let {username} in ({entered.status_code})")
    return _token(
        client,
        grant_type="authorization_code",
        client_id=CLI_CLIENT,
        code=code[0],
        redirect_uri=CLI_REDIRECT,
        code_verifier=verifier,
    )


def _token(client: httpx2.Client, **form: str) -> str:
    answer = client.post("/token", data=form)
    if answer.status_code != 200:
        raise LoginFailed(answer.text[:300])
    found: str = answer.json()["access_token"]
    return found
