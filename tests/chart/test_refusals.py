"""Values that cannot work are refused when rendering, with words that say what to change."""

import pytest
from helm_python import HelmRenderError, HelmValuesError

PLATFORM = {
    "id": "local",
    "title": "Local",
    "kind": "ogc-api-processes",
    "url": "http://processes:5000",
}
UNKNOWN = [
    {"replicas": 3},
    {"postgres": {"hots": "db"}},
    {"services": {"publisher": {"replcas": 2}}},
    {"services": {"forum": {}}},
    {"services": {"auth-gateway": {"worker": {"replicas": 1}}}},
    {"services": {"publisher": {"worker": {"autoscaling": {"enabled": True}}}}},
    {"defaults": {"worker": {"replica": 1}}},
    {"services": {"publisher": {"worker": {"extraEgress": [{}]}}}},
    {"gateway": {"signingKeys": {"value": "a key in clear"}}},
    {"networkPolicy": {"internet": {"port": 443}}},
]
WRONG = [
    {"publicUrl": "https://earthcode.example.org/"},
    {"publicUrl": "https://example.org/earthcode"},
    {"publicUrl": "earthcode.example.org"},
    {"environment": "staging"},
    {"nats": {"url": "http://nats:8222"}},
    {"nats": {"streamReplicas": 2}},
    {"podSecurityContext": {"runAsUser": 0}},
    {"services": {"publisher": {"replicas": "2"}}},
    {"services": {"publisher": {"image": {"digest": "latest"}}}},
    {"defaults": {"resources": {"limits": {"memory": "1Gx"}}}},
    {"defaults": {"terminationGracePeriodSeconds": 2}},
    {"reproducer": {"results": {"accessMode": "ReadWriteOncePod"}}},
    {"reproducer": {"platforms": [{"id": "nothing-else"}]}},
    {"reproducer": {"platforms": [PLATFORM | {"kind": "wps"}]}},
    {
        "reproducer": {
            "platforms": [PLATFORM | {"auth": {"type": "bearer", "secret": {"value": "clear"}}}]
        }
    },
    {"httpRoute": {"parentRefs": [{"namespace": "without name"}]}},
]
NONSENSE = [
    ({"publicUrl": "http://earthcode.example.org"}, "needs an https publicUrl"),
    ({"nats": {"existingSecret": ""}}, "needs nats.existingSecret"),
    ({"pageTokens": {"existingSecret": ""}}, "needs pageTokens.existingSecret"),
    ({"gateway": {"signingKeys": {"existingSecret": ""}}}, "needs gateway.signingKeys"),
    ({"image": {"tag": "latest"}}, "latest names no version"),
    ({"httpRoute": {"enabled": True}}, "needs httpRoute.parentRefs"),
    (
        {"reproducer": {"platforms": [PLATFORM], "platformsSecret": {"existingSecret": "b"}}},
        "not both",
    ),
    (
        {"services": {"publisher": {"autoscaling": {"enabled": True, "minReplicas": 5}}}},
        "publisher: autoscaling.minReplicas 5 is more than maxReplicas 4",
    ),
    (
        {"services": {"catalog-api": {"database": {"existingSecret": ""}}}},
        "catalog-api: database.existingSecret is empty",
    ),
    (
        {"services": {"catalog-api": {"database": {"name": ""}}}},
        "catalog-api: database.name is empty",
    ),
    (
        {"defaults": {"extraEnv": [{"name": "EARTHCODE_NATS_URL", "value": "nats://x"}]}},
        "extraEnv repeats EARTHCODE_NATS_URL",
    ),
    (
        {
            "environment": "local",
            "gateway": {"signingKeys": {"existingSecret": ""}},
            "services": {"auth-gateway": {"replicas": 2}},
        },
        "several replicas must sign with the same keys",
    ),
]


@pytest.mark.parametrize("values", UNKNOWN + WRONG, ids=str)
def test_the_schema_refuses(values, render):
    with pytest.raises(HelmValuesError):
        render(values)


@pytest.mark.parametrize(("values", "words"), NONSENSE, ids=lambda v: str(v)[:60])
def test_nonsense_is_refused(values, words, render):
    with pytest.raises(HelmRenderError, match=words):
        render(values)


# Pools of 3 (9 with overflow and single reads) in 5 services, of 2 (6, and 2 that listen) in 4
# workers, each with one replica more while it is rolled out, and the migration.
DEFAULT_CONNECTIONS = 5 * 2 * 9 + 4 * 2 * 8 + 1


def test_the_budget_is_exact(render):
    def with_room(connections):
        return {"postgres": {"maxConnections": connections + 10, "reservedConnections": 10}}

    assert render(with_room(DEFAULT_CONNECTIONS))
    with pytest.raises(HelmRenderError, match=f"{DEFAULT_CONNECTIONS} connections"):
        render(with_room(DEFAULT_CONNECTIONS - 1))


@pytest.mark.parametrize(
    "values",
    [
        {"defaults": {"replicas": 5}},
        {"defaults": {"poolSize": 12}},
        {"defaults": {"worker": {"replicas": 6}}},
        {"services": {"publisher": {"worker": {"poolSize": 40}}}},
        {"defaults": {"autoscaling": {"enabled": True, "maxReplicas": 6}}},
    ],
    ids=str,
)
def test_every_way_to_need_more_connections_counts(values, render):
    with pytest.raises(HelmRenderError, match="may open"):
        render(values)
    assert render(values | {"postgres": {"maxConnections": 0}})
    assert render(values | {"postgres": {"maxConnections": 2000}})
