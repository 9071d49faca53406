"""The whole path of a submission, from draft to published, over HTTP."""

from typing import Any

import orjson


async def draft(publisher: Any, documents: Any) -> dict[str, Any]:
    body = {
        "title": "Sea salinity",
        "members": [
            {"kind": "theme", "document": documents.theme()},
            {"kind": "project", "document": documents.project()},
            {"kind": "product", "document": documents.product()},
            {
                "kind": "workflow",
                "document": documents.workflow(),
                "attachments": [
                    {
                        "name": "input.yaml",
                        "media_type": "application/yaml",
                        "content": "a: 1\n",
                        "encoding": "utf-8",
                    }
                ],
            },
        ],
    }
    answer = await publisher.author.post("/submissions", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_submission_becomes_public_after_review(publisher: Any, documents: Any) -> None:
    made = await draft(publisher, documents)
    assert made["state"] == "draft"
    assert "submit" in made["actions"]
    submitted = await publisher.author.act(made["id"], "submit")
    assert submitted.json()["state"] == "checking", submitted.text
    await publisher.check()
    seen = (await publisher.steward.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "in_review", seen
    approved = await publisher.steward.act(made["id"], "approve", {"revision": seen["revision"]})
    assert approved.json()["state"] == "approved", approved.text
    assert (await publisher.anyone.get("/entities/product/sea-salinity")).status_code == 404
    await publisher.publish()
    seen = (await publisher.steward.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "publishing", seen
    assert {(w["kind"], w["projection"]) for w in seen["waiting_on"]} == {
        ("theme", "catalog"),
        ("project", "catalog"),
        ("product", "catalog"),
        ("workflow", "records"),
    }
    found = await publisher.anyone.get("/entities/product/sea-salinity")
    assert found.status_code == 200
    assert found.headers["earthcode-version"] == "1"
    assert orjson.loads(found.content) == documents.product()
    await publisher.confirm(("theme", "oceans", 1), ("project", "sea", 1))
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert [w["id"] for w in seen["waiting_on"]] == ["sea-salinity", "salinity-workflow"]
    await publisher.confirm(("product", "sea-salinity", 1), ("workflow", "salinity-workflow", 1))
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "published"
    assert [step["action"] for step in seen["history"]] == [
        "create",
        "submit",
        "checks_passed",
        "approve",
        "publish",
        "committed",
    ]
