"""NetworkPolicies, judged as a cluster does: default deny, then whatever some policy allows."""

import re
from ipaddress import ip_address, ip_network
from itertools import product
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
HTTP = 8000
CALLS = {
    "auth-gateway": {"publisher", "catalog-api", "records-api", "reproducer"},
    "publisher": {"auth-gateway"},
    "catalog-api": {"auth-gateway", "publisher", "reproducer"},
    "records-api": {"auth-gateway", "publisher", "reproducer"},
    "reproducer": {"auth-gateway", "publisher", "catalog-api", "records-api"},
}
SETTING = {
    "gateway": "auth-gateway",
    "publisher": "publisher",
    "catalog": "catalog-api",
    "records": "records-api",
    "reproducer": "reproducer",
}
INTERNET = {"auth-gateway", "reproducer"}
STRANGER = {"app": "somebody-else"}


@pytest.fixture(scope="module")
def cluster(render, pods):
    return Cluster(render(), pods)


class Cluster:
    """Pods of the release in one namespace, and the policies that bind them."""

    def __init__(self, documents, pods):
        self.labels = {n: t["metadata"]["labels"] for n, t in pods(documents).items()}
        self.policies = [d["spec"] for d in documents if d["kind"] == "NetworkPolicy"]

    def may_call(self, source, target, port=HTTP):
        """Pod to pod; ``source`` None is a stranger in the same namespace."""
        caller = self.labels[source] if source else STRANGER
        inward = self._allows("ingress", "from", self.labels[target], port, pod=caller)
        outward = not source or self.may_leave(source, port, pod=self.labels[target])
        return inward and outward

    def may_leave(self, source, port, **to):
        return self._allows("egress", "to", self.labels[source], port, **to)

    def _allows(self, direction, key, labels, port, **peer):
        binding = [
            policy
            for policy in self.policies
            if _selects(policy["podSelector"], labels)
            and direction.capitalize() in policy["policyTypes"]
        ]
        assert binding, "no policy binds this pod"
        rules = [rule for policy in binding for rule in policy.get(direction, [])]
        return any(_port(rule, port) and _peer(rule.get(key), **peer) for rule in rules)


def _selects(selector, labels):
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        {"In": True, "NotIn": False}[e["operator"]] is (labels.get(e["key"]) in e["values"])
        for e in selector.get("matchExpressions", [])
    )


def _port(rule, port):
    return not rule.get("ports") or any(p["port"] == port for p in rule["ports"])


def _peer(peers, *, pod=None, address=None):
    if not peers:
        return True
    for peer in peers:
        if pod and "podSelector" in peer and "namespaceSelector" not in peer:
            if _selects(peer["podSelector"], pod):
                return True
        elif address and "ipBlock" in peer and _in_block(peer["ipBlock"], ip_address(address)):
            return True
    return False


def _in_block(block, address):
    out = any(address in ip_network(e) for e in block.get("except", []))
    return address in ip_network(block["cidr"]) and not out


def test_exactly_the_needed_edges_between_pods(cluster):
    expected = {
        (caller + role, target)
        for caller, targets in CALLS.items()
        for target in targets
        for role in ("", "-worker")
        if caller + role in cluster.labels
    }
    allowed = {
        (source, target)
        for source, target in product(cluster.labels, repeat=2)
        if source != target and cluster.may_call(source, target)
    }
    assert allowed == expected


def test_the_edges_cover_every_address_that_the_code_uses(cluster):
    """`settings.publisher_url` in a service's source needs the edge to the publisher."""
    for service in CALLS:
        text = "".join(p.read_text() for p in (SERVICES / service / "src").rglob("*.py"))
        used = {SETTING[word] for word in re.findall(rf"\.({'|'.join(SETTING)})_url\b", text)}
        assert used - {service} <= CALLS[service]


def test_strangers_reach_the_gateway_only(cluster):
    assert [n for n in cluster.labels if cluster.may_call(None, n)] == ["auth-gateway"]


def test_every_pod_reaches_names_and_its_database(cluster):
    for name in cluster.labels:
        assert cluster.may_leave(name, 53, address="10.96.0.10")
        assert cluster.may_leave(name, 5432, address="10.1.2.3")


def test_workers_and_the_migration_reach_nats(cluster):
    reach = {name for name in cluster.labels if cluster.may_leave(name, 4222, address="10.1.2.3")}
    assert reach == {n for n in cluster.labels if n.endswith("-worker") or n == "migration"}


def test_the_nats_port_follows_the_address(render, pods):
    cluster = Cluster(render({"nats": {"url": "tls://nats.example:4443"}}), pods)
    assert cluster.may_leave("publisher-worker", 4443, address="10.1.2.3")
    assert not cluster.may_leave("publisher-worker", 4222, address="10.1.2.3")


def test_the_internet_is_for_those_who_fetch(cluster):
    for address in ("93.184.216.34", "2606:2800:220:1::1"):
        reach = {n for n in cluster.labels if cluster.may_leave(n, 443, address=address)}
        assert {name.removesuffix("-worker") for name in reach} == INTERNET


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "192.168.1.1", "fd00::1"])
def test_private_networks_are_not_the_internet(cluster, address):
    assert not any(cluster.may_leave(name, 443, address=address) for name in cluster.labels)


def test_extra_rules_and_peers(render, pods):
    inside = [{"podSelector": {"matchLabels": {"app": "keycloak"}}}]
    ingress = [{"podSelector": {"matchLabels": {"app": "ingress"}}}]
    values = {
        "networkPolicy": {"gatewayFrom": ingress, "monitoringFrom": [{"podSelector": {}}]},
        "services": {"auth-gateway": {"extraEgress": [{"to": inside}]}},
    }
    cluster = Cluster(render(values), pods)
    assert cluster.may_leave("auth-gateway", 8443, pod={"app": "keycloak"})
    assert not cluster.may_leave("publisher", 8443, pod={"app": "keycloak"})
    assert all(cluster.may_call(None, n) for n in cluster.labels if n != "migration")
    del values["networkPolicy"]["monitoringFrom"]
    assert not Cluster(render(values), pods).may_call(None, "auth-gateway")


def test_policies_can_be_switched_off(render, of_kind):
    assert not of_kind(render({"networkPolicy": {"enabled": False}}), "NetworkPolicy")
