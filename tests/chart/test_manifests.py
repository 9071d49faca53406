"""What is rendered, for every profile and Kubernetes version, and whether it is valid."""

import tomllib
from collections import Counter
from pathlib import Path

import helm_python
import kubernetes_validate
import pytest
import yaml

CHART = Path(__file__).parents[2] / "deploy/helm/earthcode"
PACKAGES = {
    "auth-gateway": "auth_gateway",
    "publisher": "publisher",
    "catalog-api": "catalog_api",
    "records-api": "records_api",
    "reproducer": "reproducer",
}
WORKERS = {name: package for name, package in PACKAGES.items() if name != "auth-gateway"}
PROFILES = [(), ("local",), ("production",), ("production", "argocd")]
# Their schemas belong to operators, not to Kubernetes; test_routes asserts their shape.
CUSTOM = {"HTTPRoute", "PodMonitor"}


@pytest.mark.parametrize("kube", ["1.29", "1.33", "1.37"])
@pytest.mark.parametrize("names", PROFILES, ids="+".join)
def test_every_document_is_valid(names, kube, render, profile):
    documents = render(profile(*names), kube=kube)
    assert documents
    for document in documents:
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, kube, strict=True)


@pytest.mark.parametrize("names", PROFILES, ids="+".join)
def test_lint_is_clean(names, profile):
    report = helm_python.lint(CHART, profile(*names), strict=True, kube_version="1.33.0")
    assert report["errors"] == []
    assert [m["error"] for m in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("names", PROFILES, ids="+".join)
def test_names_are_unique_and_short_enough(names, render, profile):
    documents = render(profile(*names), name="r" * 53)
    seen = Counter((d["kind"], d["metadata"]["name"]) for d in documents)
    assert max(seen.values()) == 1
    assert max(len(name) for _, name in seen) <= 63


def test_five_services_four_workers_and_a_migration(manifests, pods, of_kind):
    commands = {name: _command(template) for name, template in pods(manifests).items()}
    assert commands == {
        **{name: f"python -m {package} serve" for name, package in PACKAGES.items()},
        **{f"{name}-worker": f"python -m {package} work" for name, package in WORKERS.items()},
        "migration": "python -m earthcode_common.streams setup",
    }
    assert set(of_kind(manifests, "Service")) == set(PACKAGES)


def _command(template):
    (container,) = template["spec"]["containers"]
    return " ".join(container["command"])


def test_migration_job_migrates_every_database_with_its_own_image(manifests, pods):
    steps = pods(manifests)["migration"]["spec"]["initContainers"]
    assert {step["name"]: " ".join(step["command"]) for step in steps} == {
        name: f"python -m {package} migrate" for name, package in PACKAGES.items()
    }
    assert {step["name"]: step["image"] for step in steps} == {
        name: f"earthcode/{name}:0.1.0" for name in PACKAGES
    }


def test_a_pod_waits_for_its_schema_with_its_own_image(manifests, pods):
    for name, template in pods(manifests).items():
        if name == "migration":
            continue
        (wait,) = template["spec"]["initContainers"]
        (container,) = template["spec"]["containers"]
        package = PACKAGES[name.removesuffix("-worker")]
        assert wait["command"] == ["python", "-m", package, "check", "--wait", "300"]
        assert (wait["image"], wait["env"]) == (container["image"], container["env"])


@pytest.mark.parametrize(
    ("values", "same"),
    [
        ({"podMonitor": {"enabled": True}}, True),
        ({"defaults": {"replicas": 2}, "postgres": {"maxConnections": 300}}, True),
        ({"image": {"tag": "0.1.1"}}, False),
        ({"services": {"publisher": {"image": {"digest": "sha256:" + "0" * 64}}}}, False),
        ({"postgres": {"host": "elsewhere"}}, False),
    ],
)
def test_the_job_is_another_one_exactly_when_its_pod_is(values, same, render, of_kind):
    (before,), (after,) = (list(of_kind(render(v), "Job")) for v in ({}, values))
    assert (before == after) is same


def test_no_hooks_and_no_namespace(manifests):
    """Hooks make --wait and Argo CD wait for each other; the namespace is the release's."""
    for document in manifests:
        metadata = document["metadata"]
        assert "namespace" not in metadata
        assert not [a for a in metadata.get("annotations", {}) if a.startswith("helm.sh/hook")]


def test_migrations_can_be_left_to_somebody_else(render, of_kind):
    assert not of_kind(render({"migrations": {"mode": "none"}}), "Job")


def test_argocd_keeps_the_finished_job(render, profile, of_kind):
    plain, argocd = (
        next(iter(of_kind(render(profile(*names)), "Job").values()))
        for names in (("production",), ("production", "argocd"))
    )
    assert plain["spec"]["ttlSecondsAfterFinished"] == 86400
    assert "ttlSecondsAfterFinished" not in argocd["spec"]


def test_selectors_select_their_own_pods_only(manifests, pods, of_kind):
    labels = {n: t["metadata"]["labels"] for n, t in pods(manifests).items()}
    selectors = {
        **{n: d["spec"]["selector"] for n, d in of_kind(manifests, "Service").items()},
        **{
            n: d["spec"]["selector"]["matchLabels"]
            for n, d in of_kind(manifests, "Deployment").items()
        },
    }
    for name, selector in selectors.items():
        assert [n for n, its in labels.items() if selector.items() <= its.items()] == [name]


def test_a_service_port_names_a_container_port(manifests, pods, of_kind):
    for name, service in of_kind(manifests, "Service").items():
        (port,) = service["spec"]["ports"]
        (container,) = pods(manifests)[name]["spec"]["containers"]
        assert {p["name"]: p["containerPort"] for p in container["ports"]} == {
            port["targetPort"]: 8000
        }
        assert container["args"] == ["--host", "0.0.0.0", "--port", "8000"]


def test_volumes_and_mounts_agree(render, profile, pods):
    for names in PROFILES:
        for template in pods(render(profile(*names))).values():
            spec = template["spec"]
            mounted = {m["name"] for c in _containers(spec) for m in c["volumeMounts"]}
            assert mounted == {volume["name"] for volume in spec["volumes"]}


def _containers(spec):
    return spec.get("initContainers", []) + spec["containers"]


def test_chart_and_member_versions_are_the_same():
    facts = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert "dependencies" not in facts
    member = tomllib.loads((CHART.parents[2] / "libs/common/pyproject.toml").read_text())
    assert facts["appVersion"] == member["project"]["version"]
