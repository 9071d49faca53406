"""The one registry of what services tell each other: events, who listens, who confirms what.

Envelope: CloudEvents 1.0 in the binary mode of its NATS binding (``ce-*`` headers). The payload is
a small reference; the document itself is fetched over HTTP.
"""

from dataclasses import dataclass
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

STREAM = "EARTHCODE"
DEAD_STREAM = "EARTHCODE_DEAD"
MAX_PAYLOAD = 8192

CATALOG_KINDS = ("product", "project", "theme", "variable", "mission")
RECORD_KINDS = ("workflow", "experiment")
ENTITY_KINDS = CATALOG_KINDS + RECORD_KINDS
KINDS = (*ENTITY_KINDS, "reproduction")


class Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class EntityPublished(Payload):
    """A version of an entity became the current one; ``version`` counts up per (kind, id)."""

    kind: str
    id: str
    version: int
    digest: str
    title: str
    owner: str
    submission: str | None = None
    href: str


class EntityProjected(Payload):
    """A projection now serves this version of the entity."""

    kind: str
    id: str
    version: int
    submission: str | None = None
    href: str


class SubmissionChanged(Payload):
    """A submission went from one state to another."""

    id: str
    action: str
    state: str
    actor: str


class ReproductionPublished(Payload):
    """A run came to its verdict; ``version`` counts up by one per reproduction record."""

    id: str
    version: int
    experiment: str
    products: list[str]
    verdict: str
    title: str
    href: str


@dataclass(frozen=True)
class EventType:
    service: str
    name: str  # <object>.<event>
    payload: type[Payload]

    @property
    def type(self) -> str:
        return f"org.earthcode.{self.service}.{self.name}.v1"

    @property
    def pattern(self) -> str:
        return f"earthcode.{self.service}.{self.name}.>"

    def subject(self, kind: str, key: str) -> str:
        return f"earthcode.{self.service}.{self.name}.{token(kind)}.{token(key)}"


ENTITY_PUBLISHED = EventType("publisher", "entity.published", EntityPublished)
SUBMISSION_CHANGED = EventType("publisher", "submission.changed", SubmissionChanged)
CATALOG_PROJECTED = EventType("catalog", "entity.projected", EntityProjected)
RECORDS_PROJECTED = EventType("records", "entity.projected", EntityProjected)
REPRODUCTION_PUBLISHED = EventType("reproducer", "reproduction.published", ReproductionPublished)

EVENTS = (
    ENTITY_PUBLISHED,
    SUBMISSION_CHANGED,
    CATALOG_PROJECTED,
    RECORDS_PROJECTED,
    REPRODUCTION_PUBLISHED,
)
BY_TYPE = {event.type: event for event in EVENTS}


@dataclass(frozen=True)
class Consumer:
    """A durable JetStream consumer and the service that owns it."""

    name: str
    service: str
    events: tuple[EventType, ...]


CONSUMERS = (
    Consumer("catalog-entities", "catalog-api", (ENTITY_PUBLISHED, REPRODUCTION_PUBLISHED)),
    Consumer("records-entities", "records-api", (ENTITY_PUBLISHED, REPRODUCTION_PUBLISHED)),
    Consumer("publisher-confirmations", "publisher", (CATALOG_PROJECTED, RECORDS_PROJECTED)),
)
# Subject word of each service that publishes.
PRODUCERS = {
    "publisher": "publisher",
    "catalog-api": "catalog",
    "records-api": "records",
    "reproducer": "reproducer",
}


def consumer(name: str) -> Consumer:
    return next(c for c in CONSUMERS if c.name == name)


def projection_of(kind: str) -> str:
    """Which projection serves entities of ``kind`` and must confirm them: catalog or records."""
    return "catalog" if kind in CATALOG_KINDS else "records"


def token(text: str) -> str:
    """One subject token: ids hold dots, and NATS gives ``. * >`` and space a meaning."""
    return quote(text, safe="-_~").replace(".", "%2E")
