"""The one policy table: who may send what where. What no rule names does not exist.

Services decide the fine points again (ownership, states, separation of duties).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

GATEWAY = "auth-gateway"
CATALOG = "catalog-api"
RECORDS = "records-api"
PUBLISHER = "publisher"
REPRODUCER = "reproducer"

READ = frozenset({"GET", "HEAD"})
POST = frozenset({"POST"})
WRITE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ALL = READ | WRITE
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

ANYONE = frozenset({"reader"})
STEWARD = frozenset({"steward"})
OPERATOR = frozenset({"operator"})
IMPORTERS = frozenset({"steward", "operator"})
OWNERS = frozenset({"platform", "contributor", "steward", "operator"})
SUBMITTERS = OWNERS | {"technical-officer"}
RUNNERS = SUBMITTERS


@dataclass(frozen=True)
class Rule:
    """``pattern``: ``*`` is one segment, a final ``/**`` is nothing or any segments."""

    name: str
    service: str
    methods: frozenset[str]
    pattern: str
    roles: frozenset[str] = ANYONE
    bulk: bool = False  # read as it comes, so its body may be larger than others
    # Metrics label a request by this attribute of its route.
    path_format: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_format", self.pattern or "/")

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """Always used with fullmatch; a change of case or a last slash does not change the rule."""
        rest = self.pattern.endswith("/**")
        stem = re.escape(self.pattern.removesuffix("/**")).replace(r"\*", "[^/]+")
        return re.compile(stem + ("(?:/.*)?" if rest else "/?"), re.DOTALL | re.I | re.ASCII)

    @property
    def open(self) -> bool:
        return "reader" in self.roles

    @property
    def audited(self) -> bool:
        """Logging out writes its own entry, and only when somebody was logged in."""
        return self.name != "gateway.logout"

    @property
    def proxied(self) -> bool:
        return self.service != GATEWAY


@dataclass(frozen=True)
class Miss:
    """No rule: 404, 405 with the methods that there are, or 501 for a method nobody knows."""

    status: int
    allow: frozenset[str] = frozenset()


_ITEMS = "/stac/collections/*"
TABLE = (
    Rule("stac.read", CATALOG, READ, "/stac/**"),
    Rule("stac.search", CATALOG, POST, "/stac/search"),
    Rule("stac.catalog.search", CATALOG, POST, "/stac/catalogs/*/search"),
    Rule("stac.catalogs.search", CATALOG, POST, "/stac/catalogs/*/catalogs/*/search"),
    Rule("stac.aggregate", CATALOG, POST, "/stac/aggregate"),
    Rule("stac.collection.aggregate", CATALOG, POST, "/stac/collections/*/aggregate"),
    Rule("stac.items.write", CATALOG, WRITE, f"{_ITEMS}/items/**", OWNERS),
    Rule("stac.items.bulk", CATALOG, WRITE, f"{_ITEMS}/bulk_items/**", OWNERS, bulk=True),
    Rule("records.read", RECORDS, READ, "/records/**"),
    Rule("records.items.search", RECORDS, POST, "/records/collections/*/items"),
    Rule("records.oai", RECORDS, POST, "/records/oai"),
    Rule("publish.landing", PUBLISHER, READ, "/publish"),
    Rule("publish.rules", PUBLISHER, READ, "/publish/rules"),
    Rule("publish.api", PUBLISHER, READ, "/publish/api"),
    Rule("publish.vocabularies", PUBLISHER, READ, "/publish/vocabularies/**"),
    Rule("publish.entities", PUBLISHER, READ, "/publish/entities/**"),
    Rule("publish.graph", PUBLISHER, READ, "/publish/graph/**"),
    Rule("publish.events", PUBLISHER, READ, "/publish/events"),
    Rule("publish.validate", PUBLISHER, POST, "/publish/validate"),
    Rule("publish.documents", PUBLISHER, POST, "/publish/documents"),
    Rule("publish.approve", PUBLISHER, POST, "/publish/submissions/*/actions/approve", STEWARD),
    Rule(
        "publish.request-changes",
        PUBLISHER,
        POST,
        "/publish/submissions/*/actions/request_changes",
        STEWARD,
    ),
    Rule("publish.reject", PUBLISHER, POST, "/publish/submissions/*/actions/reject", STEWARD),
    Rule("publish.submissions", PUBLISHER, ALL, "/publish/submissions/**", SUBMITTERS),
    Rule("publish.imports", PUBLISHER, READ | POST, "/publish/imports/**", IMPORTERS),
    Rule("reproduce.read", REPRODUCER, READ, "/reproduce/**"),
    Rule("reproduce.runs", REPRODUCER, POST | {"DELETE"}, "/reproduce/runs/**", RUNNERS),
    Rule("gateway.home", GATEWAY, READ, ""),
    Rule("gateway.search", GATEWAY, READ, "/search"),
    Rule("gateway.robots", GATEWAY, READ, "/robots.txt"),
    Rule("gateway.api", GATEWAY, READ, "/api"),
    Rule("gateway.keys", GATEWAY, READ, "/.well-known/jwks.json"),
    Rule("gateway.probes", GATEWAY, READ, "/livez"),
    Rule("gateway.probes", GATEWAY, READ, "/readyz"),
    Rule("gateway.metrics", GATEWAY, READ, "/metrics"),
    Rule("gateway.login", GATEWAY, READ, "/auth/login"),
    Rule("gateway.callback", GATEWAY, READ, "/auth/callback"),
    Rule("gateway.logout", GATEWAY, READ | POST, "/auth/logout"),
    Rule("gateway.me", GATEWAY, READ, "/auth/me"),
    Rule("gateway.issuers", GATEWAY, READ, "/auth/issuers"),
    Rule("gateway.audit", GATEWAY, READ, "/auth/audit", OPERATOR),
    Rule("gateway.roles", GATEWAY, READ | {"PUT"}, "/auth/roles", OPERATOR),
)


def find(method: str, path: str, table: Sequence[Rule] = TABLE) -> Rule | Miss:
    """The first rule for the method and the decoded path; OPTIONS goes wherever a path leads."""
    if method not in ALL | {"OPTIONS"}:
        return Miss(405 if method in ("TRACE", "CONNECT") else 501, ALL | {"OPTIONS"})
    for rule in table:
        if method in rule.methods and rule.expression.fullmatch(path):
            return rule
    there = [rule for rule in table if rule.expression.fullmatch(path)]
    if there and method == "OPTIONS":
        return there[0]
    if not there:
        return Miss(404)
    return Miss(405, frozenset({"OPTIONS"}).union(*(rule.methods for rule in there)))


def admits(rule: Rule, method: str, roles: frozenset[str]) -> bool:
    """OPTIONS asks what is possible and changes nothing: it needs no role (CORS preflight)."""
    return rule.open or method == "OPTIONS" or not rule.roles.isdisjoint(roles)
