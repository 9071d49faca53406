"""The rules that every pod and every container keeps, as one table (Pod Security: restricted)."""

import pytest


def _probe(name, path):
    return lambda c: c.get(name, {}).get("httpGet") == {"path": path, "port": "http"}


POD_RULES = {
    "not root": lambda p: p["securityContext"]["runAsNonRoot"] is True,
    "a high uid": lambda p: p["securityContext"]["runAsUser"] >= 10000,
    "a group that volumes belong to": lambda p: p["securityContext"]["fsGroup"] >= 10000,
    "seccomp": lambda p: p["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"},
    "no API token": lambda p: p["automountServiceAccountToken"] is False,
    "its own account": lambda p: p["serviceAccountName"].startswith("demo-earthcode-"),
    "no variables from Services": lambda p: p["enableServiceLinks"] is False,
    "nothing of the node": lambda p: (
        not {"hostNetwork", "hostPID", "hostIPC"} & set(p)
        and not any("hostPath" in v for v in p["volumes"])
    ),
    "bounded scratch space": lambda p: all(
        v["emptyDir"].get("sizeLimit") for v in p["volumes"] if "emptyDir" in v
    ),
}
CONTAINER_RULES = {
    "read-only root": lambda c: c["securityContext"]["readOnlyRootFilesystem"] is True,
    "no escalation": lambda c: c["securityContext"]["allowPrivilegeEscalation"] is False,
    "no capabilities": lambda c: c["securityContext"]["capabilities"] == {"drop": ["ALL"]},
    "requests": lambda c: set(c["resources"]["requests"]) == {"cpu", "memory"},
    "a limit on memory, none on cpu": lambda c: set(c["resources"]["limits"]) == {"memory"},
    "a place to write": lambda c: {"name": "tmp", "mountPath": "/tmp"} in c["volumeMounts"],
    "a version": lambda c: ":" in c["image"] and not c["image"].endswith(":latest"),
    "no shell": lambda c: c["command"][0] == "python",
    "no secret in clear": lambda c: (
        not any(
            "value" in e for e in c["env"] if "PASSWORD" in e["name"] or e["name"].endswith("_KEY")
        )
    ),
}
SERVING_RULES = {
    "startup": _probe("startupProbe", "/livez"),
    "liveness": _probe("livenessProbe", "/livez"),
    "readiness": _probe("readinessProbe", "/readyz"),
    "time to start": lambda c: (
        c["startupProbe"]["periodSeconds"] * c["startupProbe"]["failureThreshold"] >= 60
    ),
    "leaves load balancing first": lambda c: "preStop" in c["lifecycle"],
}


@pytest.fixture(scope="module", params=[(), ("local",), ("production",)], ids="+".join)
def specs(request, render, profile, pods):
    return {n: t["spec"] for n, t in pods(render(profile(*request.param))).items()}


@pytest.mark.parametrize("rule", POD_RULES)
def test_pods(specs, rule):
    assert [name for name, spec in specs.items() if not POD_RULES[rule](spec)] == []


@pytest.mark.parametrize("rule", CONTAINER_RULES)
def test_containers(specs, rule):
    assert [
        (name, container["name"])
        for name, spec in specs.items()
        for container in spec.get("initContainers", []) + spec["containers"]
        if not CONTAINER_RULES[rule](container)
    ] == []


@pytest.mark.parametrize("rule", SERVING_RULES)
def test_serving_containers(specs, rule):
    serving = {n: s["containers"][0] for n, s in specs.items() if n != "migration"}
    assert len(serving) == 9
    assert [name for name, container in serving.items() if not SERVING_RULES[rule](container)] == []


def test_account_tokens_are_off_and_accounts_exist(manifests, pods, of_kind):
    accounts = of_kind(manifests, "ServiceAccount")
    assert all(a["automountServiceAccountToken"] is False for a in accounts.values())
    used = {t["spec"]["serviceAccountName"] for t in pods(manifests).values()}
    assert used == {f"demo-earthcode-{name}" for name in accounts}


@pytest.mark.parametrize(("kube", "hook"), [("1.29", "exec"), ("1.30", "sleep"), ("1.37", "sleep")])
def test_the_sleep_action_is_used_where_it_is_on_by_default(render, pods, kube, hook):
    """In 1.29 it is behind a feature gate, and a hook without an action makes the pod invalid."""
    for name, template in pods(render(kube=kube)).items():
        if name != "migration":
            (container,) = template["spec"]["containers"]
            assert set(container["lifecycle"]["preStop"]) == {hook}


def test_there_is_time_to_stop(manifests, pods):
    """preStop (5 s) and uvicorn's graceful shutdown (10 s) end before the kill."""
    for name, template in pods(manifests).items():
        if name != "migration":
            assert template["spec"]["terminationGracePeriodSeconds"] >= 20


def test_only_references_to_secrets_no_secret_objects(render, profile):
    for names in [(), ("local",), ("production",)]:
        assert not [d for d in render(profile(*names)) if d["kind"] == "Secret"]


def test_ids_can_be_left_to_the_platform(render, pods):
    nothing = {"runAsUser": None, "runAsGroup": None, "fsGroup": None, "fsGroupChangePolicy": None}
    for template in pods(render({"podSecurityContext": nothing})).values():
        context = template["spec"]["securityContext"]
        assert context == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
