"""What is written down: refusals, changes let through, logins; never secrets."""

from ipaddress import ip_network

import asyncpg
import pytest
from auth_gateway.domain.addresses import client_address
from earthcode_common.db import Database, plain_url

from tests.auth_gateway.conftest import World


async def test_a_change_that_was_let_through_is_written_down(world: World) -> None:
    headers = world.bearer("platform", sub="deepesdl", client_id="deepesdl-client")
    answer = await world.client.delete("/stac/collections/a/items/b", headers=headers)
    (entry,) = await world.audit(event="allow")
    assert entry["request"] == answer.headers["x-request-id"]
    assert entry["sub"].startswith("urn:earthcode:user:")
    assert entry["client"] == "deepesdl-client"
    assert entry["address"] == "127.0.0.1"
    assert (entry["method"], entry["path"]) == ("DELETE", "/stac/collections/a/items/b")
    assert (entry["rule"], entry["decision"], entry["status"]) == (
        "stac.items.write",
        "allowed",
        200,
    )


@pytest.mark.parametrize(
    ("path", "role", "decision", "status"),
    [
        ("/publish/submissions", "", "unauthenticated", 401),
        ("/publish/submissions", "reader", "forbidden", 403),
        ("/stac/%2e%2e/x", "", "ambiguous", 400),
    ],
)
async def test_a_refusal_is_written_down(
    world: World, path: str, role: str, decision: str, status: int
) -> None:
    await world.client.get(path, headers=world.bearer(role) if role else {})
    assert len(await world.audit(event="deny", decision=decision, status=status)) == 1


async def test_reading_leaves_no_trace(world: World) -> None:
    await world.client.get("/stac")
    await world.client.get("/publish/submissions", headers=world.bearer("steward"))
    await world.client.get("/nothing")
    assert await world.audit() == []


async def test_the_status_of_what_failed_is_written_down(make_world) -> None:  # type: ignore[no-untyped-def]
    async with make_world(publisher_url="http://127.0.0.1:9") as world:
        await world.client.post("/publish/submissions", headers=world.bearer("contributor"))
        (entry,) = await world.audit(event="allow")
        assert entry["status"] == 503


async def test_the_audit_is_read_page_by_page(world: World) -> None:
    for _ in range(5):
        await world.client.get("/publish/submissions")
    address: str | None = f"{world.url}/auth/audit?limit=2&after={world.audited}"
    found = []
    while address:
        page = (await world.client.get(address, headers=world.bearer("operator"))).json()
        found += [entry["id"] for entry in page["entries"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(found) == 5
    assert found == sorted(found)


@pytest.mark.parametrize(
    "query", ["after=-1", "limit=0", "limit=9999", "after=x", f"after={2**70}"]
)
async def test_a_wrong_question_to_the_audit(world: World, query: str) -> None:
    answer = await world.client.get(f"/auth/audit?{query}", headers=world.bearer("operator"))
    assert answer.status_code == 400


async def test_the_audit_cannot_be_rewritten(world: World) -> None:
    await world.client.get("/publish/submissions")
    await world.audit()
    connection = await asyncpg.connect(plain_url(world.settings.database_url))
    for statement in ("update audit set sub = 'x'", "delete from audit", "truncate audit"):
        with pytest.raises(asyncpg.RaiseError):
            await connection.execute(statement)
    await connection.close()


async def test_no_secret_is_stored_or_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = world.issuer.token()
    headers = {"Authorization": f"Bearer {token}"}
    await world.client.post("/publish/submissions", headers=headers)
    await world.client.get("/stac", headers={"Authorization": f"Bearer {token}x"})
    started = await world.client.get("/auth/login")
    back = await world.client.get(started.headers["location"])
    await world.client.get(back.headers["location"])
    secret = world.client.cookies[world.session_cookie]
    signature = token.rsplit(".", 1)[1]
    await world.audit()
    connection = await asyncpg.connect(plain_url(world.settings.database_url))
    tables = ("audit", "session", "login", "role_grant")
    rows = [str(await connection.fetch(f"select * from {table}")) for table in tables]
    await connection.close()
    # The test's own client would log what it sends; the gateway's says nothing below a warning.
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("http")]
    assert ours
    for text in (*rows, *ours):
        assert signature not in text
        assert secret not in text


async def test_rows_wait_while_the_database_is_away(world: World) -> None:
    audit = world.gateway.audit
    good = audit.db
    try:
        audit.db = Database("postgresql://nobody@127.0.0.1:9/none")
        await world.client.get("/publish/submissions")
        assert await audit.flush() is False
        await audit.db.close()
    finally:
        audit.db = good
    assert len(await world.audit(decision="unauthenticated")) == 1


async def test_roles_are_granted_by_issuer_and_subject(world: World) -> None:
    issuer = world.issuer.url
    grant = {"issuer": issuer, "sub": "nova", "roles": ["steward"], "platform": None}
    nova = world.bearer("contributor", sub="nova")
    approve = "/publish/submissions/1/actions/approve"
    assert (await world.client.post(approve, headers=nova)).status_code == 403
    done = await world.client.put("/auth/roles", json=grant, headers=world.bearer("operator"))
    assert done.status_code == 200
    assert (await world.client.post(approve, headers=nova)).status_code == 200
    assert (await world.principal("publisher")).sub == done.json()["principal"]
    listed = await world.client.get("/auth/roles", headers=world.bearer("operator"))
    assert [g["roles"] for g in listed.json()["grants"] if g["sub"] == "nova"] == [["steward"]]
    taken = grant | {"roles": []}
    await world.client.put("/auth/roles", json=taken, headers=world.bearer("operator"))
    assert (await world.client.post(approve, headers=nova)).status_code == 403
    assert len(await world.audit(rule="gateway.roles", event="allow")) == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"roles": ["king"]}, 422),
        ({"issuer": "https://other.example"}, 422),
        ({"sub": ""}, 400),
        ({"sub": "a\x00b"}, 400),
        ({"email": "a@b.example"}, 400),
        ({"roles": "steward"}, 400),
    ],
)
async def test_a_wrong_grant_is_refused(
    world: World, change: dict[str, object], status: int
) -> None:
    grant = {"issuer": world.issuer.url, "sub": "nova", "roles": ["steward"]} | change
    answer = await world.client.put("/auth/roles", json=grant, headers=world.bearer("operator"))
    assert answer.status_code == status


PROXIES = [ip_network("10.0.0.0/8"), ip_network("::1/128")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),
        ("10.1.1.1", "203.0.113.7", "203.0.113.7"),
        ("10.1.1.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.1.1.1", "203.0.113.7, 10.2.2.2", "203.0.113.7"),
        ("10.1.1.1", "spoofed, 10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("", "203.0.113.7", ""),
    ],
)
def test_addresses_are_believed_from_trusted_proxies_only(
    peer: str, forwarded: str, found: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())]
    assert client_address(peer, headers, PROXIES) == found


async def test_a_stranger_cannot_choose_the_address_in_the_audit(world: World) -> None:
    await world.client.get("/publish/submissions", headers={"X-Forwarded-For": "203.0.113.7"})
    (entry,) = await world.audit(event="deny")
    assert entry["address"] == "127.0.0.1"
