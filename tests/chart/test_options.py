"""What values switch on: routes, monitors, scaling, budgets for disruption, volumes, images."""

import json

import pytest
from reproducer.registry import read_platforms
from reproducer.settings import ReproducerSettings

PLATFORM = {
    "id": "local",
    "title": "Local",
    "kind": "ogc-api-processes",
    "url": "http://processes:5000",
    "auth": {"type": "basic", "name": "us", "secret": {"env": "PLATFORM_PASSWORD"}},
    "max_jobs": 2,
    "settles_seconds": 5,
}


def test_nothing_optional_by_default(manifests):
    kinds = {d["kind"] for d in manifests}
    assert not kinds & {
        *("HTTPRoute", "Ingress", "PodMonitor", "HorizontalPodAutoscaler", "PodDisruptionBudget")
    }


def test_http_route(render, of_kind):
    values = {
        "publicUrl": "https://ec.example.com",
        "httpRoute": {
            "enabled": True,
            "parentRefs": [{"name": "public", "namespace": "gateways"}],
            "timeouts": {"request": "0s"},
        },
    }
    route = of_kind(render(values), "HTTPRoute")["auth-gateway"]
    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["spec"] == {
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "hostnames": ["ec.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "demo-earthcode-auth-gateway", "port": 8000}],
                "timeouts": {"request": "0s"},
            }
        ],
    }


def test_ingress(render, of_kind):
    values = {
        "publicUrl": "https://ec.example.com:8443",
        "ingress": {"enabled": True, "className": "traefik", "tlsSecret": "ec-tls"},
    }
    spec = of_kind(render(values), "Ingress")["auth-gateway"]["spec"]
    assert spec["ingressClassName"] == "traefik"
    assert spec["tls"] == [{"hosts": ["ec.example.com"], "secretName": "ec-tls"}]
    (rule,) = spec["rules"]
    assert rule["host"] == "ec.example.com"
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {
        "name": "demo-earthcode-auth-gateway",
        "port": {"name": "http"},
    }


def test_pod_monitor_selects_what_has_metrics(render, pods, of_kind):
    documents = render({"podMonitor": {"enabled": True, "labels": {"release": "prometheus"}}})
    monitor = of_kind(documents, "PodMonitor")["demo-earthcode"]
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint == {"port": "http", "path": "/metrics", "interval": "30s"}
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    (expression,) = monitor["spec"]["selector"]["matchExpressions"]
    labels = {name: t["metadata"]["labels"] for name, t in pods(documents).items()}
    selected = {
        name
        for name, its in labels.items()
        if wanted <= its.items() and its[expression["key"]] in expression["values"]
    }
    assert selected == set(labels) - {"migration"}


def test_autoscaling_takes_the_number_of_replicas_over(render, of_kind):
    values = {"services": {"catalog-api": {"autoscaling": {"enabled": True, "maxReplicas": 3}}}}
    documents = render(values)
    scaler = of_kind(documents, "HorizontalPodAutoscaler")
    assert list(scaler) == ["catalog-api"]
    spec = scaler["catalog-api"]["spec"]
    assert spec["scaleTargetRef"]["name"] == "demo-earthcode-catalog-api"
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 3)
    deployments = of_kind(documents, "Deployment")
    assert "replicas" not in deployments["catalog-api"]["spec"]
    assert deployments["catalog-api-worker"]["spec"]["replicas"] == 1
    assert set(of_kind(documents, "PodDisruptionBudget")) == {"catalog-api"}


def test_disruption_budgets_for_several_replicas(render, of_kind):
    values = {"services": {"publisher": {"replicas": 2, "worker": {"replicas": 2}}}}
    documents = render(values)
    budgets = of_kind(documents, "PodDisruptionBudget")
    assert set(budgets) == {"publisher", "publisher-worker"}
    for name, budget in budgets.items():
        selector = of_kind(documents, "Deployment")[name]["spec"]["selector"]
        assert budget["spec"] == {"maxUnavailable": 1, "selector": selector}


def test_spread_over_zones_and_nodes(manifests, of_kind):
    for deployment in of_kind(manifests, "Deployment").values():
        constraints = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {c["topologyKey"] for c in constraints} == {
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        }
        assert all(c["labelSelector"] == deployment["spec"]["selector"] for c in constraints)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, "earthcode/publisher:0.1.0"),
        ({"registry": "reg.example.org"}, "reg.example.org/earthcode/publisher:0.1.0"),
        ({"prefix": "mirror/ec", "tag": "1.2.3"}, "mirror/ec/publisher:1.2.3"),
    ],
)
def test_images(image, expected, render, pods):
    template = pods(render({"image": image}))["publisher-worker"]
    assert template["spec"]["containers"][0]["image"] == expected


def test_an_image_by_digest(render, pods):
    digest = "sha256:" + "a" * 64
    own = {"repository": "team/publisher", "digest": digest, "pullPolicy": "Always"}
    values = {
        "image": {"registry": "reg.example.org"},
        "imagePullSecrets": [{"name": "reg"}],
        "services": {"publisher": {"image": own}},
    }
    found = pods(render(values))
    container = found["publisher"]["spec"]["containers"][0]
    assert container["image"] == f"reg.example.org/team/publisher@{digest}"
    assert container["imagePullPolicy"] == "Always"
    assert all(t["spec"]["imagePullSecrets"] == [{"name": "reg"}] for t in found.values())


def test_results_claim(manifests, pods, of_kind):
    claim = of_kind(manifests, "PersistentVolumeClaim")["results"]
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    for name, template in pods(manifests).items():
        claims = [v for v in template["spec"]["volumes"] if "persistentVolumeClaim" in v]
        assert bool(claims) is name.startswith("reproducer")


def test_results_in_an_existing_claim(render, pods, of_kind):
    documents = render({"reproducer": {"results": {"existingClaim": "mine"}}})
    assert not of_kind(documents, "PersistentVolumeClaim")
    volumes = pods(documents)["reproducer-worker"]["spec"]["volumes"]
    assert {"name": "results", "persistentVolumeClaim": {"claimName": "mine"}} in volumes


def test_a_claim_for_one_node_keeps_the_reproducer_together(render, pods):
    found = pods(render({"reproducer": {"results": {"accessMode": "ReadWriteOnce"}}}))
    assert {n for n, t in found.items() if "affinity" in t["spec"]} == {
        "reproducer",
        "reproducer-worker",
    }
    for name in ("reproducer", "reproducer-worker"):
        affinity = found[name]["spec"]["affinity"]["podAffinity"]
        (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
        wanted = term["labelSelector"]["matchLabels"].items()
        selected = {n for n, t in found.items() if wanted <= t["metadata"]["labels"].items()}
        assert selected == {"reproducer", "reproducer-worker"}


def test_platforms_are_a_file_and_a_change_rolls_the_pods(render, pods, of_kind, tmp_path):
    def rendered(platforms):
        return render({"reproducer": {"platforms": platforms}})

    platforms = [PLATFORM]
    documents = rendered(platforms)
    text = of_kind(documents, "ConfigMap")["platforms"]["data"]["platforms.json"]
    assert json.loads(text) == platforms
    (tmp_path / "platforms.json").write_text(text)
    settings = ReproducerSettings(platforms_file=tmp_path / "platforms.json")
    assert [entry.id for entry in read_platforms(settings)] == ["local"]
    before = pods(documents)["reproducer-worker"]["metadata"]["annotations"]
    after = pods(rendered([PLATFORM | {"id": "other"}]))["reproducer-worker"]["metadata"][
        "annotations"
    ]
    assert before["checksum/platforms"] != after["checksum/platforms"]
    assert "annotations" not in pods(documents)["publisher"]["metadata"]


def test_platforms_from_a_secret(render, pods, of_kind):
    documents = render({"reproducer": {"platformsSecret": {"existingSecret": "mine"}}})
    assert not of_kind(documents, "ConfigMap")
    sources = [v.get("secret", {}) for v in pods(documents)["reproducer"]["spec"]["volumes"]]
    assert "mine" in [source.get("secretName") for source in sources]


def test_a_service_overlays_the_defaults_and_its_worker_overlays_it(render, pods):
    values = {
        "defaults": {"nodeSelector": {"pool": "general"}, "priorityClassName": "normal"},
        "services": {
            "publisher": {
                "nodeSelector": {"pool": "web"},
                "worker": {"priorityClassName": "low"},
            }
        },
    }
    specs = {name: t["spec"] for name, t in pods(render(values)).items()}
    assert specs["catalog-api"]["nodeSelector"] == {"pool": "general"}
    assert specs["publisher"]["nodeSelector"] == {"pool": "web"}
    assert specs["publisher-worker"]["nodeSelector"] == {"pool": "web"}
    assert specs["publisher"]["priorityClassName"] == "normal"
    assert specs["publisher-worker"]["priorityClassName"] == "low"
