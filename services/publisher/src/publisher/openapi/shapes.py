"""Shapes of requests and answers, for the OpenAPI document.

Requests are read by ``bodies`` (documents must not pass through a model); the tests hold these
shapes against real answers.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from publisher.domain import states
from publisher.domain.kinds import KINDS

Kind = Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
VISIBLE = [state for state in states.STATES if state != states.DELETED]
State = Annotated[str, Field(json_schema_extra={"enum": VISIBLE})]
Digest = Field(description="sha2-256 as a hex multihash: 1220 and 64 digits")


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


# Requests


class AttachmentGiven(Shape):
    name: str = Field(description="a plain file name")
    media_type: str = "application/octet-stream"
    content: str
    encoding: Literal["base64", "utf-8"] = "base64"


class MemberGiven(Shape):
    kind: Kind
    document: dict[str, Any] = Field(description="kept exactly as it is written here")
    attachments: list[AttachmentGiven] = []


class SubmissionGiven(Shape):
    title: str = Field(max_length=300)
    members: list[MemberGiven] = Field(min_length=1, max_length=500)


class DocumentGiven(Shape):
    kind: Kind
    document: dict[str, Any] | str
    attachments: list[AttachmentGiven] = []


class ActionGiven(Shape):
    comment: str = Field("", description="required to request changes and to reject")
    reason: str = Field("", description="another name for comment")
    revision: str = Field("", description="required to approve: the revision that was reviewed")


class CommentGiven(Shape):
    text: str
    kind: str = ""
    id: str = ""
    pointer: str = Field("", description="JSON pointer into the document of that member")


class ImportGiven(Shape):
    source: str = Field(description="where it comes from; kept with every version")
    entities: list[DocumentGiven] = Field(max_length=1000)


class RefGiven(Shape):
    kind: Kind
    id: str
    version: int | None = Field(None, description="the current one when left out")


class DocumentsGiven(Shape):
    refs: list[RefGiven] = Field(max_length=500)


class Place(BaseModel):
    detail: str
    pointer: str | None = Field(None, description="JSON pointer into the body")
    parameter: str | None = None
    hint: str | None = Field(None, description="how to mend it")


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Place] = []


GIVEN = (
    *(SubmissionGiven, DocumentGiven, ActionGiven, CommentGiven, ImportGiven, DocumentsGiven),
    Problem,
)


# Answers


class Owner(Shape):
    sub: str
    name: str
    platform: str | None


class AttachmentSeen(Shape):
    name: str
    media_type: str
    size: int
    digest: str = Digest
    href: str


class MemberSeen(Shape):
    kind: Kind
    id: str
    title: str
    digest: str = Digest
    version: int | None = Field(description="the version it became, once it was published")
    attachments: list[AttachmentSeen]
    href: str


class FindingSeen(Shape):
    rule: str
    severity: Literal["error", "warning", "info"]
    kind: Kind
    id: str
    pointer: str = Field(description="JSON pointer into the document (RFC 6901)")
    message: str
    hint: str | None
    fix: list[dict[str, Any]] | None = Field(description="JSON Patch (RFC 6902) that mends it")


class Waiting(Shape):
    kind: Kind
    id: str
    version: int
    projection: Literal["catalog", "records"]
    told: int = Field(description="how often the projection was told")


class Step(Shape):
    action: str
    origin: str = Field(alias="from")
    to: str
    actor: str
    name: str
    revision: str = Digest
    comment: str | None
    at: datetime


class CommentSeen(Shape):
    actor: str
    name: str
    revision: str = Digest
    kind: str | None
    id: str | None
    pointer: str | None
    text: str
    at: datetime


class RevisionSeen(Shape):
    number: int
    revision: str = Digest
    created: datetime
    submitted: datetime | None


class LinkSeen(Shape):
    rel: str
    href: str
    type: str | None = None
    method: str | None = None


class SubmissionSeen(Shape):
    id: UUID
    title: str
    state: State
    revision: str = Digest
    owner: Owner
    created: datetime
    changed: datetime
    checked: datetime | None
    members: list[MemberSeen]
    findings: list[FindingSeen]
    waiting_on: list[Waiting] = Field(description="projections that have not confirmed yet")
    history: list[Step]
    comments: list[CommentSeen]
    revisions: list[RevisionSeen]
    actions: list[str] = Field(description="what whoever asks may do now")
    links: list[LinkSeen]


class SubmissionListed(Shape):
    id: UUID
    title: str
    state: State
    revision: str = Digest
    owner: Owner
    members: int
    created: datetime
    changed: datetime
    href: str


class SubmissionPage(Shape):
    submissions: list[SubmissionListed]
    next: UUID | None = Field(description="goes into `after`")


class Validation(Shape):
    valid: bool
    findings: list[FindingSeen]


class RuleSeen(Shape):
    rule: str
    severity: Literal["error", "warning", "info"]
    what: str
    why: str
    kinds: list[Kind]


class RuleList(Shape):
    rules: list[RuleSeen]


class EntityListed(Shape):
    kind: Kind
    id: str
    version: int
    digest: str = Digest
    owner: str
    title: str
    sequence: int


class EntityPage(Shape):
    entities: list[EntityListed]
    next: int | None = Field(description="goes into `after`")


class VersionSeen(Shape):
    version: int
    title: str
    digest: str = Digest
    owner: str
    submission: UUID | None
    source: str | None
    published: datetime
    attachments: list[AttachmentSeen]
    href: str


class VersionList(Shape):
    kind: Kind
    id: str
    versions: list[VersionSeen]


class FindingList(Shape):
    kind: Kind
    id: str
    version: int
    findings: list[FindingSeen]


class DocumentSeen(Shape):
    kind: Kind
    id: str
    version: int
    digest: str = Digest
    owner: str
    document: dict[str, Any]


class Missing(Shape):
    kind: Kind
    id: str
    version: int | None


class DocumentList(Shape):
    documents: list[DocumentSeen]
    missing: list[Missing]


class EventPage(Shape):
    events: list[dict[str, Any]] = Field(description="CloudEvents 1.0")
    next: int = Field(description="goes into `after`")


class Node(Shape):
    kind: Kind
    id: str
    title: str | None
    version: int | None = Field(description="null: referred to, but never published")


class End(Shape):
    kind: Kind
    id: str


class Edge(Shape):
    source: End = Field(alias="from")
    rel: str = Field(description="the field that says it")
    target: End = Field(alias="to")


class Graph(Shape):
    nodes: list[Node]
    edges: list[Edge]
    truncated: bool


class Failed(Shape):
    index: int
    kind: str | None
    id: str | None
    problem: dict[str, Any]


class Imported(Shape):
    imported: int
    unchanged: int
    findings: dict[str, int] = Field(description="how many, by rule")
    failed: list[Failed]


class Term(Shape):
    id: str
    title: str


class Vocabulary(Shape):
    kind: Kind
    terms: list[Term]
