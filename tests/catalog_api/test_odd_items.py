"""Items that readers would take differently, or not at all, are refused with the place."""

import json

import pytest

from tests.catalog_api.samples import item, product

WRITES = "/stac/collections/p0/items"


@pytest.fixture
async def writing(catalogue, identity):
    await catalogue.publish("product", product("p0"))
    owner = identity.headers("catalog-api", sub="deepesdl", roles=["platform"])
    sent = owner | {"Content-Type": "application/geo+json"}

    async def write(text, method="POST", path=WRITES, **headers):
        return await catalogue.client.request(method, path, content=text, headers=sent | headers)

    return write


def spelled(properties):
    return json.dumps(item()).replace('"datetime": "2020-06-01T00:00:00Z"', properties)


@pytest.mark.parametrize(
    ("text", "pointer", "said"),
    [
        (spelled('"datetime": "2020-06-01T00:00:00Z", "a/b": 1, "a/b": 2'),
         "/properties/a~1b", "The value is given twice"),
        (json.dumps(item())[:-1] + ', "id": "two"}', "/id", "The value is given twice"),
        (spelled(f'"datetime": "2020-06-01T00:00:00Z", "x": {"9" * 5000}'),
         "/properties/x", "The value is a number too large for any client"),
        (spelled('"datetime": "2020-06-01T00:00:00Z", "x": 1e400'),
         "/properties/x", "The value is a number too large for any client"),
    ],
    ids=["name twice", "id twice", "5000 digits", "beyond double"],
)  # fmt: skip
async def test_odd_items_are_refused(writing, text, pointer, said):
    collection = f'{{"type": "FeatureCollection", "features": [{text}]}}'
    for body, prefix in ((text, ""), (collection, "/features/0")):
        answer = await writing(body)
        assert answer.status_code == 400, answer.text
        errors = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
        assert errors == {prefix + pointer: said}
        assert "set_int_max_str_digits" not in answer.text


@pytest.mark.parametrize("asked", ['"x": 1, "x": 2', f'"x": {"9" * 5000}', '"x": 1e400'])
async def test_odd_patches_are_refused(writing, asked):
    assert (await writing(json.dumps(item()))).status_code == 201
    patch = f'{{"properties": {{{asked}}}}}'
    answer = await writing(patch, "PATCH", f"{WRITES}/one", **{"If-Match": "*"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/properties/x"
