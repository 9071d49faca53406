"""Requests and answers that the OpenAPI document shows."""

from typing import Any

Words = dict[Any, Any]
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
SEEN: Words = {
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
LISTED: Words = {
    name: SEEN[name] for name in ("id", "title", "state", "revision", "owner", "created", "changed")
} | {"members": 1, "href": f"{BASE}/submissions/{ID}"}
FINDING: Words = {
    "rule": "shape.value",
    "severity": "error",
    "kind": "theme",
    "id": "oceans",
    "pointer": "/type",
    "message": "type is 'Collection'",
    "hint": "one of: Catalog",
    "fix": [{"op": "replace", "path": "/type", "value": "Catalog"}],
}
EVENT: Words = {
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
