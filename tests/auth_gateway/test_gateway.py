async def test_a_public_read_reaches_its_service_without_identity(world):
    answer = await world.client.get("/stac/collections?x=1")
    seen = world.echoes["catalog-api"].last
    assert (answer.status_code, answer.json()["target"]) == (200, "/stac/collections?x=1")
    assert seen.all(b"authorization") == []
    assert seen.all(b"x-request-id") == [answer.headers["X-Request-Id"].encode()]


async def test_an_outside_token_becomes_an_internal_one_for_that_service(world):
    answer = await world.client.get("/publish/submissions", headers=world.bearer("contributor"))
    who = await world.principal("publisher")
    assert answer.status_code == 200
    assert who.sub.startswith("urn:earthcode:user:")
    assert (who.name, who.roles) == ("Cora", {"reader", "contributor"})


async def test_who_is_nobody_is_asked_to_log_in(world):
    answer = await world.client.get("/publish/submissions")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert world.echoes["publisher"].seen == []
