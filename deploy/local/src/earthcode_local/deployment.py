"""Clients of the deployment that is meant, as a demonstration person or by a given token."""

import os
import time
from collections.abc import Callable

from earthcode_local.api import Api, Refused
from earthcode_local.state import NotRunning, find
from earthcode_local.token import LoginFailed, token_as

FRESH_SECONDS = 600


def public_url() -> str:
    """EARTHCODE_URL, else the address of the deployment that runs here. Raises Refused."""
    given = os.environ.get("EARTHCODE_URL")
    if given:
        return given.rstrip("/")
    try:
        return find().url
    except NotRunning as error:
        raise Refused(str(error)) from error


def api_as(role: str) -> Api:
    """A client with this role: EARTHCODE_TOKEN when it is set, else the local demonstration one."""
    given = os.environ.get("EARTHCODE_TOKEN")
    return Api(public_url(), (lambda: given) if given else _local_token(role))


def _local_token(role: str) -> Callable[[], str]:
    kept: dict[str, float | str] = {}

    def token() -> str:
        if time.monotonic() > float(kept.get("until", 0)):
            try:
                kept["token"] = token_as(role, find().issuer)
            except (NotRunning, LoginFailed) as error:
                raise Refused(
                    f"{error}\nElsewhere set EARTHCODE_TOKEN to an access token"
                ) from error
            kept["until"] = time.monotonic() + FRESH_SECONDS
        return str(kept["token"])

    return token
