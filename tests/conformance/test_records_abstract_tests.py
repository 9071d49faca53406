"""The abstract tests of OGC API - Records Part 1 (20-004r1, Annex A) and of Features Part 1 Core.

Each by its identifier, over HTTP against the service with the real records.
"""

from collections import Counter

import pytest
from records_api.domain.conformance import SPELLINGS

from tests.conformance.records_ats import (  # noqa: F401
    api,
    catalogs,
    collection,
    core,
    encodings,
    features,
    parameters,
    sorting,
)
from tests.conformance.records_ats.catalogue import CONF, TESTS, Catalogue
from tests.conformance.records_ats.schemas import errors

# 20-004r1, Annex A: class -> number of abstract tests.
ANNEX_A = {
    "autodiscovery": 1,
    "crawlable-catalog": 5,
    "html": 3,
    "json": 7,
    "local-resources-catalog": 5 + 3 + 3 + 2,
    "oas30": 2,
    "query-param-profile": 2,
    "record-collection": 13,
    "record-core": 11,
    "record-core-query-parameters": 11,
    "record-filter": 4,
    "records-api": 8,
    "searchable-catalog": 4 + 3 + 2,
    "sorting": 6,
}
OF_FEATURES = ("core", "geojson")
FEATURES_TOO = {"/conf/oas30/completeness"}  # of Features, whose class has the same name


def is_of_records(identifier: str) -> bool:
    return identifier not in FEATURES_TOO and identifier.split("/")[2] not in OF_FEATURES


def test_every_abstract_test_is_here() -> None:
    found = Counter(one.split("/")[2] for one in TESTS if is_of_records(one))
    assert found == ANNEX_A
    assert sum(ANNEX_A.values()) == 95
    assert sum(one.startswith("/conf/core/") for one in TESTS) >= 25


@pytest.mark.parametrize("identifier", sorted(TESTS))
async def test_abstract(identifier: str, catalogue: Catalogue) -> None:
    await TESTS[identifier](catalogue)


@pytest.mark.parametrize(("clause_2", "annex_a"), SPELLINGS.items())
async def test_both_spellings_are_declared(
    catalogue: Catalogue, clause_2: str, annex_a: str
) -> None:
    """Table 1 and Annex A name the same class in two ways (ogcapi-records#424)."""
    assert clause_2 != annex_a
    assert {CONF + clause_2, CONF + annex_a} <= set(catalogue.classes)


async def test_the_published_schema_refuses_every_record(catalogue: Catalogue) -> None:
    """As it stands, recordGeoJSON.yaml cannot be met (ogcapi-records#482); as it was meant, it is.

    Two branches of a oneOf take every object, so that neither does.
    """
    for _, record in await catalogue.some():
        assert errors("recordGeoJSON", record, literal=True)
        assert not errors("recordGeoJSON", record)
