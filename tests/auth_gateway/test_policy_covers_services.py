"""No service has a route that the policy forgot, and none leads to another service."""

import re

import catalog_api.service
import publisher.service
import pytest
import records_api.service
import reproducer.service
from auth_gateway.domain import policy
from auth_gateway.domain.policy import Rule
from earthcode_common.service import Service

SERVICES = [
    module.SERVICE
    for module in (catalog_api.service, publisher.service, records_api.service, reproducer.service)
]
# Reading is for anyone; what changes something must be asked for by somebody, but for these.
OPEN_POSTS = {
    "/stac/search",
    "/stac/catalogs/{catalog_id}/search",
    "/stac/catalogs/{kind}/catalogs/{catalog_id}/search",
    "/stac/aggregate",
    "/stac/collections/{collection_id}/aggregate",
    "/records/collections/{collection_id}/items",
    "/records/oai",
    "/publish/validate",
    "/publish/documents",
}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_route_of_a_service_has_its_rule(service: Service) -> None:
    paths = service.create_app(service.settings()).openapi()["paths"]
    assert paths
    for path, methods in paths.items():
        for method in (word.upper() for word in methods if word in policy_words()):
            rule = policy.find(method, re.sub(r"\{[^}]+\}", "a", path) or "/")
            assert isinstance(rule, Rule), f"{method} {path}"
            assert rule.service == service.name, f"{method} {path}"
            if method not in policy.SAFE:
                assert rule.open is (path in OPEN_POSTS), f"{method} {path}"


def policy_words() -> set[str]:
    return {method.lower() for method in policy.ALL}
