"""Requests and answers in the OpenAPI document. The tests send the requests as they are."""

from typing import Any

from earthcode_common.problems import MEDIA_TYPE
from pydantic import BaseModel

from publisher import schemas

Words = dict[Any, Any]
# FastAPI drops every null of an example, so the document holds their names until it is made.
NAMED: dict[str, Words] = {}
ID = "01a1fb74-e810-7918-a058-543cbcbd3817"
DIGEST = "122088e5c4fbe1a9d6c5d84a6a1f8c26a1f4f7ac5f5d8f0a4f1a76a2e0a6d0a1c3e5"
BASE = "https://earthcode.example.org/publish"
AT = "2026-04-08T12:00:00.000000+00:00"
THEME: Words = {
    "type": "Catalog",
    "id": "oceans",
    "stac_version": "1.0.0",
    "title": "Oceans",
    "description": "Oceans, seas and what lives in them.",
    "links": [{"rel": "via", "href": "https://example.org/oceans", "title": "Description"}],
}
SUBMISSION: Words = {
    "title": "A theme for the oceans",
    "members": [
        {
            "kind": "theme",
            "document": THEME,
            "attachments": [
                {
                    "name": "about.txt",
                    "media_type": "text/plain",
                    "content": "What this is about.",
                    "encoding": "utf-8",
                }
            ],
        }
    ],
}
_SEEN: Words = {
    "id": ID,
    "title": "A theme for the oceans",
    "state": "draft",
    "revision": DIGEST,
    "owner": {"sub": "ada", "name": "Ada", "platform": None},
    "created": AT,
    "changed": AT,
    "checked": None,
    "members": [
        {
            "kind": "theme",
            "id": "oceans",
            "title": "Oceans",
            "digest": DIGEST,
            "version": None,
            "attachments": [
                {
                    "name": "about.txt",
                    "media_type": "text/plain",
                    "size": 19,
                    "digest": DIGEST,
                    "href": f"{BASE}/submissions/{ID}/members/theme/oceans/attachments/about.txt",
                }
            ],
            "href": f"{BASE}/submissions/{ID}/members/theme/oceans",
        }
    ],
    "findings": [],
    "waiting_on": [],
    "history": [
        {
            "action": "create",
            "from": "",
            "to": "draft",
            "actor": "ada",
            "name": "Ada",
            "revision": DIGEST,
            "comment": None,
            "at": AT,
        }
    ],
    "comments": [],
    "revisions": [{"number": 1, "revision": DIGEST, "created": AT, "submitted": None}],
    "actions": ["submit", "delete", "withdraw"],
    "links": [
        {"rel": "self", "href": f"{BASE}/submissions/{ID}", "type": "application/json"},
        {
            "rel": "urn:earthcode:action:submit",
            "href": f"{BASE}/submissions/{ID}/actions/submit",
            "method": "POST",
        },
    ],
}
_LISTED: Words = {
    name: _SEEN[name]
    for name in ("id", "title", "state", "revision", "owner", "created", "changed")
} | {"members": 1, "href": f"{BASE}/submissions/{ID}"}
_FINDING: Words = {
    "rule": "shape.value",
    "severity": "error",
    "kind": "theme",
    "id": "oceans",
    "pointer": "/type",
    "message": "type is 'Collection'",
    "hint": "one of: Catalog",
    "fix": [{"op": "replace", "path": "/type", "value": "Catalog"}],
}
_EVENT: Words = {
    "specversion": "1.0",
    "id": ID,
    "type": "org.earthcode.publisher.entity.published.v1",
    "source": "/publisher",
    "subject": "theme/oceans",
    "time": AT,
    "sequence": "17",
    "datacontenttype": "application/json",
    "data": {
        "kind": "theme",
        "id": "oceans",
        "version": 1,
        "digest": DIGEST,
        "title": "Oceans",
        "owner": "ada",
        "submission": ID,
        "href": f"{BASE}/entities/theme/oceans/versions/1",
    },
}
_REASONS = {
    400: "Something in the request is wrong; `errors` says where and how to mend it",
    401: "Log in first",
    403: "This is not for your role, or not for you",
    404: "There is nothing here (or nothing you may see)",
    409: "Not possible in this state; `errors` says what is",
    410: "It was deleted",
    412: "It was changed meanwhile",
    413: "Too large",
    415: "The body is not JSON",
    422: "This Idempotency-Key was used for another request",
    428: "Send If-Match",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "Repeating the request with the same key does nothing twice.",
}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag you have seen.",
}
_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag you have; 304 when it is still the same.",
}


def _request(model: type[BaseModel], example: Words, *headers: Words) -> Words:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}},
    }
    return {"requestBody": body, "parameters": list(headers)}


def _answers(model: type[BaseModel], example: Words, *errors: int, status: int = 200) -> Words:
    good = {
        "model": model,
        "description": "Created" if status == 201 else "Done",
        "content": {"application/json": {"example": _named(example)}},
    }
    return {status: good} | _problems(*errors)


def _named(example: Words) -> str:
    name = f"example {len(NAMED)}"
    NAMED[name] = example
    return name


def _problems(*errors: int) -> Words:
    return {
        number: {"description": _REASONS[number], "content": {MEDIA_TYPE: {}}} for number in errors
    }


def _bytes(*errors: int, media_types: tuple[str, ...] = ("application/json",)) -> Words:
    found = {
        "description": "The stored bytes, unchanged",
        "content": {media_type: {} for media_type in media_types},
    }
    return {200: found, 304: {"description": "Not changed"}} | _problems(*errors)


create_submission: Words = {
    "responses": _answers(schemas.SubmissionSeen, _SEEN, 400, 401, 403, 413, 415, 422, status=201),
    "openapi_extra": _request(schemas.SubmissionGiven, SUBMISSION, _KEY),
}
list_submissions: Words = {
    "responses": _answers(
        schemas.SubmissionPage, {"submissions": [_LISTED], "next": None}, 400, 401, 403
    )
}
read_submission: Words = {
    "responses": _answers(schemas.SubmissionSeen, _SEEN, 401, 403, 404, 410)
    | {304: {"description": "Not changed"}},
    "openapi_extra": {"parameters": [_NONE_MATCH]},
}
replace_submission: Words = {
    "responses": _answers(
        schemas.SubmissionSeen, _SEEN, 400, 401, 403, 404, 409, 410, 412, 413, 415, 428
    ),
    "openapi_extra": _request(schemas.SubmissionGiven, SUBMISSION, _MATCH),
}
delete_submission: Words = {
    "responses": {204: {"description": "Deleted"}} | _problems(401, 403, 404, 409, 410, 412),
    "openapi_extra": {"parameters": [_MATCH]},
}
read_member: Words = {
    "responses": _bytes(
        401, 403, 404, 410, media_types=("application/json", "application/geo+json")
    )
}
read_member_attachment: Words = {"responses": _bytes(401, 403, 404, 410, media_types=("*/*",))}
act: Words = {
    "responses": _answers(
        schemas.SubmissionSeen, _SEEN, 400, 401, 403, 404, 409, 410, 412, 415, 422
    ),
    "openapi_extra": _request(schemas.ActionGiven, {"comment": "Well done."}, _MATCH, _KEY),
}
comment: Words = {
    "responses": _answers(schemas.SubmissionSeen, _SEEN, 400, 401, 403, 404, 410, 415, status=201),
    "openapi_extra": _request(
        schemas.CommentGiven,
        {"text": "A clearer title?", "kind": "theme", "id": "oceans", "pointer": "/title"},
    ),
}
validate: Words = {
    "responses": _answers(
        schemas.Validation, {"valid": False, "findings": [_FINDING]}, 400, 413, 415
    ),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [
                            {"$ref": "#/components/schemas/SubmissionGiven"},
                            {"$ref": "#/components/schemas/DocumentGiven"},
                        ]
                    },
                    "example": {"kind": "theme", "document": THEME},
                }
            },
        }
    },
}
list_rules: Words = {
    "responses": _answers(
        schemas.RuleList,
        {
            "rules": [
                {
                    "rule": "id.style",
                    "severity": "warning",
                    "what": "the id is lower case, words joined by single hyphens",
                    "why": "that is how nearly all ids of the catalogue look",
                    "kinds": ["product", "theme"],
                }
            ]
        },
    )
}
list_entities: Words = {
    "responses": _answers(
        schemas.EntityPage,
        {
            "entities": [
                {
                    "kind": "theme",
                    "id": "oceans",
                    "version": 1,
                    "digest": DIGEST,
                    "owner": "ada",
                    "title": "Oceans",
                    "sequence": 17,
                }
            ],
            "next": None,
        },
        400,
    )
}
read_entity: Words = {
    "responses": _bytes(404, media_types=("application/json", "application/geo+json")),
    "openapi_extra": {"parameters": [_NONE_MATCH]},
}
read_attachment: Words = {
    "responses": _bytes(404, media_types=("*/*",)),
    "openapi_extra": {"parameters": [_NONE_MATCH]},
}
list_versions: Words = {
    "responses": _answers(
        schemas.VersionList,
        {
            "kind": "theme",
            "id": "oceans",
            "versions": [
                {
                    "version": 1,
                    "title": "Oceans",
                    "digest": DIGEST,
                    "owner": "ada",
                    "submission": ID,
                    "source": None,
                    "published": AT,
                    "attachments": [],
                    "href": f"{BASE}/entities/theme/oceans/versions/1",
                }
            ],
        },
        404,
    )
}
read_findings: Words = {
    "responses": _answers(
        schemas.FindingList,
        {"kind": "theme", "id": "oceans", "version": 1, "findings": [_FINDING]},
        404,
    )
}
read_vocabulary: Words = {
    "responses": _answers(
        schemas.Vocabulary, {"kind": "theme", "terms": [{"id": "oceans", "title": "Oceans"}]}, 404
    )
}
documents: Words = {
    "responses": _answers(
        schemas.DocumentList,
        {
            "documents": [
                {
                    "kind": "theme",
                    "id": "oceans",
                    "version": 1,
                    "digest": DIGEST,
                    "owner": "ada",
                    "document": THEME,
                }
            ],
            "missing": [{"kind": "theme", "id": "deserts", "version": None}],
        },
        400,
        413,
        415,
    ),
    "openapi_extra": _request(
        schemas.DocumentsGiven,
        {"refs": [{"kind": "theme", "id": "oceans"}, {"kind": "theme", "id": "deserts"}]},
    ),
}
events: Words = {
    "responses": _answers(schemas.EventPage, {"events": [_EVENT], "next": 17}, 400, 401)
}
graph: Words = {
    "responses": _answers(
        schemas.Graph,
        {
            "nodes": [
                {"kind": "project", "id": "sea", "title": "The sea", "version": 1},
                {"kind": "theme", "id": "oceans", "title": "Oceans", "version": 1},
            ],
            "edges": [
                {
                    "from": {"kind": "project", "id": "sea"},
                    "rel": "themes",
                    "to": {"kind": "theme", "id": "oceans"},
                }
            ],
            "truncated": False,
        },
        400,
        404,
    )
}
imports: Words = {
    "responses": _answers(
        schemas.Imported,
        {"imported": 1, "unchanged": 0, "findings": {"id.style": 1}, "failed": []},
        400,
        401,
        403,
        413,
        415,
    ),
    "openapi_extra": _request(
        schemas.ImportGiven,
        {"source": "osc-2026-04-08", "entities": [{"kind": "theme", "document": THEME}]},
    ),
}
