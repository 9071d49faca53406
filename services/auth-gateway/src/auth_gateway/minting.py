"""Internal tokens: one service, one caller, two minutes; kept some seconds to save signatures."""

import time

from earthcode_common import auth

from auth_gateway.domain.callers import Caller
from auth_gateway.keys import SigningKeys

REUSED_SECONDS = 20.0
MOST = 4096


class Mint:
    def __init__(self, keys: SigningKeys, issuer: str) -> None:
        self.keys = keys
        self.issuer = issuer
        self._made: dict[tuple[str, Caller], tuple[float, str]] = {}

    def token(self, audience: str, caller: Caller) -> str:
        """A token that lives for 100 seconds or more; for a while, a caller gets the same one."""
        now = time.monotonic()
        born, token = self._made.get((audience, caller), (float("-inf"), ""))
        if now - born > REUSED_SECONDS:
            token = self._sign(audience, caller)
            if len(self._made) >= MOST:
                self._made.clear()
            self._made[audience, caller] = (now, token)
        return token

    def _sign(self, audience: str, caller: Caller) -> str:
        claims = {"name": caller.name, "auth": caller.method, "client_id": caller.client}
        if caller.platform:
            claims["platform"] = caller.platform
        return auth.sign(
            self.keys.current,
            audience=audience,
            sub=caller.sub,
            roles=sorted(caller.roles),
            issuer=self.issuer,
            **claims,
        )
