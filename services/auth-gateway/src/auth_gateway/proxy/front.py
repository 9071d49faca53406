"""The first thing a request meets: judged, matched with the policy, and forwarded or refused."""

from urllib.parse import urlsplit

from earthcode_common import telemetry
from earthcode_common.problems import (
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth_gateway.authenticate import caller_of, has_cookie, is_cross_site
from auth_gateway.domain import headers, policy
from auth_gateway.domain.callers import ANONYMOUS, Caller
from auth_gateway.domain.origins import origin_of
from auth_gateway.domain.paths import Ambiguous, TooLong, judge
from auth_gateway.domain.policy import SAFE, Miss, Rule
from auth_gateway.proxy.forward import ClientGone, forward
from auth_gateway.proxy.refusals import refusal
from auth_gateway.state import Gateway


class UriTooLong(Problem):
    status, slug = 414, "uri-too-long"


class HeadersTooLarge(Problem):
    status, slug = 431, "headers-too-large"


class NotImplementedMethod(Problem):
    status, slug = 501, "method-not-implemented"


class Front:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        gateway: Gateway = scope["app"].state.gateway
        visit = Visit(gateway, scope)
        try:
            status = await self._answer(visit, scope, receive, send)
        except ClientGone:
            return None
        except (Problem, Ambiguous) as error:
            # A header that no service can be told is found only when it is forwarded.
            problem = error if isinstance(error, Problem) else _problem(error)
            status = problem.status
            scope["state"]["caller"] = visit.caller
            await refusal(problem, scope)(scope, receive, send)
        visit.record(status)
        return None

    async def _answer(self, visit: "Visit", scope: Scope, receive: Receive, send: Send) -> int:
        rule = await visit.admitted()
        scope["route"] = rule
        if rule.proxied:
            return await forward(visit.gateway, rule, visit.caller, scope, receive, send)
        return await self._own(visit, scope, receive, send)

    async def _own(self, visit: "Visit", scope: Scope, receive: Receive, send: Send) -> int:
        """The gateway's own routes; the server leaves out the body that HEAD does not want."""
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        scope["state"]["caller"] = visit.caller
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self.app({**scope, "method": method}, receive, seen)
        return status


class Visit:
    """One request on its way through the gateway, and what the audit will say of it."""

    def __init__(self, gateway: Gateway, scope: Scope) -> None:
        self.gateway = gateway
        self.scope = scope
        self.caller: Caller = ANONYMOUS
        self.rule: Rule | None = None
        self.denied = ""

    async def admitted(self) -> Rule:
        """The rule that lets the request in; raises the Problem that keeps it out."""
        path = self._judged()
        rule = self.rule = self._rule(path)
        if self.scope["method"] != "OPTIONS":
            self.caller = await self._caller()
        if not policy.admits(rule, self.scope["method"], self.caller.roles):
            raise self._kept_out(rule)
        return rule

    def _judged(self) -> str:
        try:
            headers.check(self.scope["headers"])
            return judge(self.scope["raw_path"], self.scope["query_string"])
        except Ambiguous as error:
            self.denied = "ambiguous"
            raise _problem(error) from error

    def _rule(self, path: str) -> Rule:
        method = self.scope["method"]
        found = policy.find(method, path)
        if isinstance(found, Rule) and found.name == "gateway.metrics" and self._is_public():
            found = Miss(404)
        if isinstance(found, Miss):
            raise _missed(found, method, path)
        return found

    def _is_public(self) -> bool:
        """In production the metrics are for who reaches this process, not this site."""
        settings = self.gateway.settings
        asked = (headers.get(self.scope["headers"], b"host") or b"").decode("latin-1")
        same = asked.lower().split(":")[0] == urlsplit(settings.public_url).hostname
        return same and settings.environment == "production"

    async def _caller(self) -> Caller:
        try:
            return await caller_of(self.gateway, self.scope)
        except Unauthenticated:
            self.denied = "unauthenticated"
            raise
        except (DBAPIError, PoolTimeout, OSError) as error:
            telemetry.log.warning("database unavailable", extra={"error": str(error)[:300]})
            raise Unavailable("Who you are cannot be checked at the moment") from error

    def _kept_out(self, rule: Rule) -> Problem:
        needed = " or ".join(sorted(rule.roles))
        if self.caller.anonymous:
            if is_cross_site(self.gateway, self.scope) and has_cookie(self.gateway, self.scope):
                return self._crossed()
            self.denied = "unauthenticated"
            hint = f"log in at {self.gateway.settings.public_url}/auth/login or send a bearer token"
            return Unauthenticated(f"Log in first: this needs the role {needed}", hint=hint)
        self.denied = "forbidden"
        yours = ", ".join(sorted(self.caller.roles))
        return Forbidden(f"This needs the role {needed}; you are {yours}")

    def _crossed(self) -> Problem:
        self.denied = "cross-site"
        own = origin_of(self.gateway.settings.public_url)
        detail = f"The session cookie counts in changes only when their Origin is {own}"
        hint = f'send "Origin: {own}", as this site\'s own pages do, or a bearer token'
        return Unauthenticated(detail, hint=hint)

    def record(self, status: int) -> None:
        """Audited: every refusal of the policy, and every change that was let through."""
        rule = self.rule
        if not self.denied and (rule is None or not rule.audited or self._reads()):
            return
        self.gateway.audit.add(
            "deny" if self.denied else "allow",
            self.caller,
            self.scope,
            rule=rule.name if rule else "",
            decision=self.denied or "allowed",
            status=status,
        )

    def _reads(self) -> bool:
        return self.scope["method"] in SAFE


def _problem(error: Ambiguous) -> Problem:
    kinds: dict[type[Ambiguous], type[Problem]] = {
        TooLong: UriTooLong,
        headers.HeadersTooLarge: HeadersTooLarge,
    }
    return kinds.get(type(error), BadRequest)(f"{error}.", hint=error.hint)


def _missed(miss: Miss, method: str, path: str) -> Problem:
    allow = {"Allow": ", ".join(sorted(miss.allow))}
    if miss.status == 405:
        return MethodNotAllowed(f"{method} is not possible at {path}", headers=allow)
    if miss.status == 501:
        return NotImplementedMethod(f"Nobody here knows the method {method}", headers=allow)
    return NotFound(f"There is nothing at {path}")
