"""Who may do what to a submission, and under which conditions."""

from typing import Any

import pytest


async def _draft(publisher: Any, documents: Any, who: Any = None, **theme: Any) -> dict[str, Any]:
    members = [{"kind": "theme", "document": documents.theme(**theme)}]
    answer = await (who or publisher.author).post(
        "/submissions", {"title": "Oceans", "members": members}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _in_review(publisher: Any, documents: Any, who: Any = None, **theme: Any) -> Any:
    made = await _draft(publisher, documents, who, **theme)
    assert (await (who or publisher.author).act(made["id"], "submit")).status_code == 200
    await publisher.check()
    seen = (await publisher.steward.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "in_review", seen
    return seen


async def test_the_answer_says_all_about_a_new_submission(publisher: Any, documents: Any) -> None:
    members = [{"kind": "theme", "document": documents.theme()}]
    answer = await publisher.author.post("/submissions", {"title": "T", "members": members})
    made = answer.json()
    assert answer.headers["location"] == f"http://127.0.0.1:8080/publish/submissions/{made['id']}"
    assert answer.headers["etag"] == '"s1"'
    assert "Authorization" in answer.headers["vary"]
    assert made["owner"] == {"sub": "ada", "name": "Ada", "platform": None}
    assert made["revision"].startswith("1220")
    assert [(m["kind"], m["id"], m["title"]) for m in made["members"]] == [
        ("theme", "oceans", "Title of oceans")
    ]
    assert made["findings"] == []
    assert [h["action"] for h in made["history"]] == ["create"]
    assert sorted(made["actions"]) == ["delete", "submit", "withdraw"]


async def test_reading_again_costs_nothing_when_nothing_changed(
    publisher: Any, documents: Any
) -> None:
    made = await _draft(publisher, documents)
    path = f"/submissions/{made['id']}"
    tag = (await publisher.author.get(path)).headers["etag"]
    again = await publisher.author.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    await publisher.author.act(made["id"], "submit")
    assert (await publisher.author.get(path, headers={"If-None-Match": tag})).status_code == 200


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (("", ()), 401),
        (("rita", ["reader"]), 403),
        (("olaf", ["operator"]), 403),
        (("carl", ["contributor"]), 201),
        (("pia", ["platform"]), 201),
        (("toni", ["technical-officer"]), 201),
        (("stan", ["steward"]), 201),
    ],
    ids=str,
)
async def test_who_may_submit(shared: Any, documents: Any, person: Any, status: int) -> None:
    members = [{"kind": "theme", "document": documents.theme()}]
    answer = await shared.person(*person).post("/submissions", {"title": "T", "members": members})
    assert answer.status_code == status, answer.text


async def test_others_do_not_learn_that_a_submission_exists(shared: Any, documents: Any) -> None:
    made = await _draft(shared, documents)
    path = f"/submissions/{made['id']}"
    stranger = shared.person("eve", ["contributor"])
    for answer in (
        await stranger.get(path),
        await stranger.get(f"{path}/members/theme/oceans"),
        await stranger.call("DELETE", path),
        await stranger.act(made["id"], "submit"),
        await stranger.post(f"{path}/comments", {"text": "hello"}),
    ):
        assert answer.status_code == 404, answer.text
    assert (await shared.anyone.get(path)).status_code == 401
    assert (await shared.person("olaf", ["operator"]).get(path)).status_code == 200
    assert (await shared.person("olaf", ["operator"]).act(made["id"], "submit")).status_code == 403
    own = (await stranger.get("/submissions")).json()
    assert own["submissions"] == []


async def test_clients_of_one_platform_share_their_submissions(shared: Any, documents: Any) -> None:
    one = shared.person("client-1", ["platform"], platform="edc")
    two = shared.person("client-2", ["platform"], platform="edc")
    other = shared.person("client-3", ["platform"], platform="deepesdl")
    made = await _draft(shared, documents, one)
    assert (await two.act(made["id"], "submit")).status_code == 200
    assert (await other.get(f"/submissions/{made['id']}")).status_code == 404
    assert made["id"] in [s["id"] for s in (await two.get("/submissions")).json()["submissions"]]


async def test_nobody_approves_their_own_submission(publisher: Any, documents: Any) -> None:
    both = publisher.person("ada", ["contributor", "steward"])
    seen = await _in_review(publisher, documents)
    answer = await both.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert answer.status_code == 403
    assert "own submission" in answer.json()["detail"]
    assert "approve" not in (await both.get(f"/submissions/{seen['id']}")).json()["actions"]


async def test_a_steward_of_the_same_platform_is_no_second_pair_of_eyes(
    publisher: Any, documents: Any
) -> None:
    client = publisher.person("client-1", ["platform"], platform="edc")
    colleague = publisher.person("client-2", ["platform", "steward"], platform="edc")
    seen = await _in_review(publisher, documents, client)
    answer = await colleague.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert answer.status_code == 403


async def test_what_is_approved_is_what_was_reviewed(publisher: Any, documents: Any) -> None:
    seen = await _in_review(publisher, documents)
    missing = await publisher.steward.act(seen["id"], "approve")
    assert missing.status_code == 400
    assert missing.json()["errors"][0]["pointer"] == "/revision"
    await publisher.author.act(seen["id"], "recall")
    path = f"/submissions/{seen['id']}"
    members = [{"kind": "theme", "document": documents.theme(title="Changed")}]
    changed = await publisher.author.call(
        "PUT", path, json={"title": "T", "members": members}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200, changed.text
    await publisher.author.act(seen["id"], "submit")
    await publisher.check()
    stale = await publisher.steward.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert stale.status_code == 409
    assert changed.json()["revision"] in stale.json()["errors"][0]["hint"]
    fresh = {"revision": changed.json()["revision"]}
    assert (await publisher.steward.act(seen["id"], "approve", fresh)).status_code == 200


async def test_changes_are_requested_with_a_reason_and_then_made(
    publisher: Any, documents: Any
) -> None:
    seen = await _in_review(publisher, documents)
    path = f"/submissions/{seen['id']}"
    assert (await publisher.steward.act(seen["id"], "request_changes")).status_code == 400
    asked = await publisher.steward.act(seen["id"], "request_changes", {"comment": "title, please"})
    assert asked.json()["history"][-1]["comment"] == "title, please"
    same = await publisher.author.act(seen["id"], "submit")
    assert same.status_code == 409
    assert "Nothing was changed" in same.json()["detail"]
    members = [{"kind": "theme", "document": documents.theme(title="Better")}]
    put = {"json": {"title": "Better", "members": members}, "headers": {"If-Match": "*"}}
    assert (await publisher.author.call("PUT", path, **put)).status_code == 200
    again = await publisher.author.act(seen["id"], "submit")
    assert again.json()["state"] == "checking"
    assert [r["number"] for r in again.json()["revisions"]] == [1, 2]
    assert again.json()["title"] == "Better"
    titles = [
        (await publisher.steward.get(f"{path}/members/theme/oceans{which}")).json()["title"]
        for which in ("?revision=1", "?revision=2", "")
    ]
    assert titles == ["Title of oceans", "Better", "Better"]
    missing = await publisher.steward.get(f"{path}/members/theme/oceans?revision=3")
    assert missing.status_code == 404


async def test_failed_checks_send_it_back_and_may_pass_later(
    publisher: Any, documents: Any
) -> None:
    members = [{"kind": "project", "document": documents.project()}]
    made = (await publisher.author.post("/submissions", {"title": "T", "members": members})).json()
    await publisher.author.act(made["id"], "submit")
    await publisher.check()
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "changes_requested"
    assert [(f["rule"], f["pointer"]) for f in seen["findings"]] == [
        ("reference.exists", "/themes/0/concepts/0/id")
    ]
    await publisher.load(theme=[documents.theme()])
    assert (await publisher.author.act(made["id"], "submit")).status_code == 200
    await publisher.check()
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert (seen["state"], seen["findings"]) == ("in_review", [])


async def test_a_submission_is_changed_only_by_its_owner_and_only_while_it_is_a_draft(
    publisher: Any, documents: Any
) -> None:
    seen = await _in_review(publisher, documents)
    put = {
        "json": {"title": "T", "members": [{"kind": "theme", "document": documents.theme()}]},
        "headers": {"If-Match": "*"},
    }
    path = f"/submissions/{seen['id']}"
    assert (await publisher.steward.call("PUT", path, **put)).status_code == 403
    refused = await publisher.author.call("PUT", path, **put)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["hint"] == "recall it first"


async def test_changing_needs_the_etag_one_has_seen(publisher: Any, documents: Any) -> None:
    made = await _draft(publisher, documents)
    path = f"/submissions/{made['id']}"
    body = {"title": "T", "members": [{"kind": "theme", "document": documents.theme()}]}
    assert (await publisher.author.call("PUT", path, json=body)).status_code == 428
    tag = (await publisher.author.get(path)).headers["etag"]
    first = await publisher.author.call("PUT", path, json=body, headers={"If-Match": tag})
    assert first.status_code == 200
    assert first.headers["etag"] != tag
    second = await publisher.author.call("PUT", path, json=body, headers={"If-Match": tag})
    assert second.status_code == 412
    assert second.headers["etag"] == first.headers["etag"]
    stale = await publisher.author.act(made["id"], "submit", headers={"If-Match": tag})
    assert stale.status_code == 412
    tag = first.headers["etag"]
    good = await publisher.author.act(made["id"], "submit", headers={"If-Match": tag})
    assert good.status_code == 200


async def test_a_draft_is_deleted_and_a_submitted_one_withdrawn(
    publisher: Any, documents: Any
) -> None:
    made = await _draft(publisher, documents)
    path = f"/submissions/{made['id']}"
    stale = await publisher.author.call("DELETE", path, headers={"If-Match": '"s99"'})
    assert stale.status_code == 412
    assert (await publisher.author.call("DELETE", path)).status_code == 204
    assert (await publisher.author.get(path)).status_code == 410
    assert (await publisher.author.get("/submissions")).json()["submissions"] == []
    seen = await _in_review(publisher, documents)
    path = f"/submissions/{seen['id']}"
    assert (await publisher.author.call("DELETE", path)).status_code == 409
    assert (await publisher.author.act(seen["id"], "recall")).status_code == 200
    assert (await publisher.author.call("DELETE", path)).status_code == 409
    assert (await publisher.author.act(seen["id"], "withdraw")).json()["state"] == "withdrawn"
    assert (await publisher.author.act(seen["id"], "reopen")).json()["state"] == "draft"


async def test_a_repeated_key_tells_of_a_deleted_draft_as_it_was_made(
    publisher: Any, documents: Any
) -> None:
    """Documented in the README: the key belongs to the request, not to what became of it."""
    body = {"title": "T", "members": [{"kind": "theme", "document": documents.theme()}]}
    key = {"Idempotency-Key": "once"}
    made = await publisher.author.post("/submissions", body, headers=key)
    path = f"/submissions/{made.json()['id']}"
    assert (await publisher.author.call("DELETE", path)).status_code == 204
    again = await publisher.author.post("/submissions", body, headers=key)
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    assert (await publisher.author.get(path)).status_code == 410


async def test_unknown_and_internal_actions_are_not_there(shared: Any, documents: Any) -> None:
    made = await _draft(shared, documents)
    for action in ("explode", "delete", "checks_passed", "committed", "expire"):
        answer = await shared.author.act(made["id"], action)
        assert answer.status_code == 404, action
        assert "submit" in answer.json()["errors"][0]["hint"]


async def test_comments_are_kept_with_their_place(shared: Any, documents: Any) -> None:
    made = await _draft(shared, documents)
    path = f"/submissions/{made['id']}/comments"
    said = {"text": "A better title?", "kind": "theme", "id": "oceans", "pointer": "/title"}
    answer = await shared.steward.post(path, said)
    assert answer.status_code == 201
    [comment] = answer.json()["comments"]
    assert {k: comment[k] for k in said} == said
    assert (comment["actor"], comment["revision"]) == ("stella", made["revision"])
    for bad in ({"text": ""}, {"text": 7}, {"text": "a\x00"}, {"text": "x", "pointer": []}):
        assert (await shared.steward.post(path, bad)).status_code == 400


async def test_submissions_are_listed_page_by_page(publisher: Any, documents: Any) -> None:
    made = [(await _draft(publisher, documents))["id"] for _ in range(5)]
    await publisher.author.act(made[0], "submit")
    found, after = [], ""
    while after is not None:
        page = (await publisher.author.get(f"/submissions?limit=2{after}")).json()
        found += [entry["id"] for entry in page["submissions"]]
        after = f"&after={page['next']}" if page["next"] else None
    assert found == made[::-1]
    waiting = (await publisher.steward.get("/submissions?state=checking")).json()["submissions"]
    assert [entry["id"] for entry in waiting] == made[:1]


async def test_publishing_twice_is_no_mistake(publisher: Any, documents: Any) -> None:
    seen = await _in_review(publisher, documents)
    early = await publisher.steward.act(seen["id"], "publish")
    assert early.status_code == 409
    await publisher.steward.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert (await publisher.author.act(seen["id"], "publish")).status_code == 403
    first = await publisher.steward.act(seen["id"], "publish")
    assert first.json()["state"] == "publishing", first.text
    second = await publisher.steward.act(seen["id"], "publish")
    assert (second.status_code, second.json()["state"]) == (200, "publishing")
    await publisher.confirm(("theme", "oceans", 1))
    third = await publisher.steward.act(seen["id"], "publish")
    assert (third.status_code, third.json()["state"]) == (200, "published")
    versions = (await publisher.anyone.get("/entities/theme/oceans/versions")).json()["versions"]
    assert len(versions) == 1


async def test_what_was_overtaken_since_the_checks_cannot_be_approved(
    publisher: Any, documents: Any
) -> None:
    seen = await _in_review(publisher, documents)
    assert "approve" in seen["actions"]
    path = f"/submissions/{seen['id']}"
    tag = (await publisher.steward.get(path)).headers["etag"]
    await publisher.load(theme=[documents.theme(title="Somebody else's")])
    overtaken = await publisher.steward.get(path, headers={"If-None-Match": tag})
    assert overtaken.status_code == 200
    assert "approve" not in overtaken.json()["actions"]
    assert "recheck" in overtaken.json()["actions"]
    refused = await publisher.steward.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert refused.status_code == 409
    assert refused.json()["detail"] == "A version of theme oceans was published meanwhile"
    assert refused.json()["errors"][0]["hint"] == "recheck it"
    await publisher.steward.act(seen["id"], "recheck")
    await publisher.check()
    good = await publisher.steward.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert good.json()["state"] == "approved"


async def test_an_approval_goes_stale_when_the_entity_changed_meanwhile(
    publisher: Any, documents: Any
) -> None:
    seen = await _in_review(publisher, documents)
    approved = await publisher.steward.act(seen["id"], "approve", {"revision": seen["revision"]})
    assert approved.json()["state"] == "approved"
    await publisher.load(theme=[documents.theme(title="Somebody else's")])
    await publisher.publish()
    path = f"/submissions/{seen['id']}"
    stale = (await publisher.steward.get(path)).json()
    assert stale["state"] == "in_review"
    assert stale["history"][-1]["action"] == "approval_stale"
    assert "version 1 of theme oceans" in stale["history"][-1]["comment"]
    await publisher.steward.act(seen["id"], "recheck")
    await publisher.check()
    await publisher.steward.act(seen["id"], "approve", {"revision": seen["revision"]})
    await publisher.publish()
    assert (await publisher.steward.get(path)).json()["state"] == "publishing"
    current = await publisher.anyone.get("/entities/theme/oceans")
    assert current.headers["earthcode-version"] == "2"
    assert current.json()["title"] == "Title of oceans"
