"""What each route takes and answers; the tests send these requests as they are."""

from publisher.openapi import shapes, values
from publisher.openapi.words import (
    KEY,
    MATCH,
    NONE_MATCH,
    Words,
    answers,
    problems,
    request,
    stored,
)

create_submission: Words = {
    "responses": answers(
        shapes.SubmissionSeen, values.SEEN, 400, 401, 403, 413, 415, 422, status=201
    ),
    "openapi_extra": request(shapes.SubmissionGiven, values.SUBMISSION, KEY),
}
list_submissions: Words = {
    "responses": answers(
        shapes.SubmissionPage, {"submissions": [values.LISTED], "next": None}, 400, 401, 403
    )
}
read_submission: Words = {
    "responses": answers(shapes.SubmissionSeen, values.SEEN, 401, 403, 404, 410)
    | {304: {"description": "Not changed"}},
    "openapi_extra": {"parameters": [NONE_MATCH]},
}
replace_submission: Words = {
    "responses": answers(
        shapes.SubmissionSeen, values.SEEN, 400, 401, 403, 404, 409, 410, 412, 413, 415, 428
    ),
    "openapi_extra": request(shapes.SubmissionGiven, values.SUBMISSION, MATCH),
}
delete_submission: Words = {
    "responses": {204: {"description": "Deleted"}} | problems(401, 403, 404, 409, 410, 412),
    "openapi_extra": {"parameters": [MATCH]},
}
read_member: Words = {
    "responses": stored(
        401, 403, 404, 410, media_types=("application/json", "application/geo+json")
    )
}
read_member_attachment: Words = {"responses": stored(401, 403, 404, 410, media_types=("*/*",))}
act: Words = {
    "responses": answers(
        shapes.SubmissionSeen, values.SEEN, 400, 401, 403, 404, 409, 410, 412, 415, 422
    ),
    "openapi_extra": request(shapes.ActionGiven, {"comment": "Well done."}, MATCH, KEY),
}
comment: Words = {
    "responses": answers(
        shapes.SubmissionSeen, values.SEEN, 400, 401, 403, 404, 410, 415, status=201
    ),
    "openapi_extra": request(
        shapes.CommentGiven,
        {"text": "A clearer title?", "kind": "theme", "id": "oceans", "pointer": "/title"},
    ),
}
validate: Words = {
    "responses": answers(
        shapes.Validation, {"valid": False, "findings": [values.FINDING]}, 400, 413, 415
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
                    "example": {"kind": "theme", "document": values.THEME},
                }
            },
        }
    },
}
list_rules: Words = {
    "responses": answers(
        shapes.RuleList,
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
    "responses": answers(
        shapes.EntityPage,
        {
            "entities": [
                {
                    "kind": "theme",
                    "id": "oceans",
                    "version": 1,
                    "digest": values.DIGEST,
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
    "responses": stored(404, media_types=("application/json", "application/geo+json")),
    "openapi_extra": {"parameters": [NONE_MATCH]},
}
read_attachment: Words = {
    "responses": stored(404, media_types=("*/*",)),
    "openapi_extra": {"parameters": [NONE_MATCH]},
}
list_versions: Words = {
    "responses": answers(
        shapes.VersionList,
        {
            "kind": "theme",
            "id": "oceans",
            "versions": [
                {
                    "version": 1,
                    "title": "Oceans",
                    "digest": values.DIGEST,
                    "owner": "ada",
                    "submission": values.ID,
                    "source": None,
                    "published": values.AT,
                    "attachments": [],
                    "href": f"{values.BASE}/entities/theme/oceans/versions/1",
                }
            ],
        },
        404,
    )
}
read_findings: Words = {
    "responses": answers(
        shapes.FindingList,
        {"kind": "theme", "id": "oceans", "version": 1, "findings": [values.FINDING]},
        404,
    )
}
read_vocabulary: Words = {
    "responses": answers(
        shapes.Vocabulary, {"kind": "theme", "terms": [{"id": "oceans", "title": "Oceans"}]}, 404
    )
}
documents: Words = {
    "responses": answers(
        shapes.DocumentList,
        {
            "documents": [
                {
                    "kind": "theme",
                    "id": "oceans",
                    "version": 1,
                    "digest": values.DIGEST,
                    "owner": "ada",
                    "document": values.THEME,
                }
            ],
            "missing": [{"kind": "theme", "id": "deserts", "version": None}],
        },
        400,
        413,
        415,
    ),
    "openapi_extra": request(
        shapes.DocumentsGiven,
        {"refs": [{"kind": "theme", "id": "oceans"}, {"kind": "theme", "id": "deserts"}]},
    ),
}
events: Words = {
    "responses": answers(shapes.EventPage, {"events": [values.EVENT], "next": 17}, 400, 401)
}
graph: Words = {
    "responses": answers(
        shapes.Graph,
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
    "responses": answers(
        shapes.Imported,
        {"imported": 1, "unchanged": 0, "findings": {"id.style": 1}, "failed": []},
        400,
        401,
        403,
        413,
        415,
    ),
    "openapi_extra": request(
        shapes.ImportGiven,
        {"source": "osc-2026-04-08", "entities": [{"kind": "theme", "document": values.THEME}]},
    ),
}
