"""Rendering with the real Helm (v4 SDK), for any Kubernetes version."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Chart, _native

CHART = Path(__file__).parents[2] / "deploy/helm/earthcode"
# The loader in C reads a release ten times faster than the one in Python.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]


@pytest.fixture(scope="session")
def chart() -> Iterator[Chart]:
    with Chart.load(CHART) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def render(chart: Chart) -> Render:
    """``render(values, kube="1.33")``: every document that Helm would send to the cluster."""

    def rendered(values: Any = None, *, kube: str = "1.33", name: str = "demo") -> list[Manifest]:
        options = {"name": name, "namespace": "earth", "kube_version": f"{kube}.0"}
        # Chart.render() has no option for the version, the call beneath it has.
        answer = _native.call_string(
            "helm_render", chart._raw(), json.dumps(values or {}), json.dumps(options)
        )
        texts = (text for path, text in json.loads(answer).items() if path.endswith(".yaml"))
        return [document for text in texts for document in yaml.load_all(text, LOADER) if document]

    return rendered


@pytest.fixture(scope="session")
def profile() -> Callable[..., Manifest]:
    """``profile("production", "argocd")``: values files laid over each other, as ``-f -f`` does."""

    def values(*names: str) -> Manifest:
        merged: Manifest = {}
        for name in names:
            _overlay(merged, yaml.safe_load((CHART / f"values-{name}.yaml").read_text()))
        return merged

    return values


def _overlay(onto: Manifest, values: Manifest) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(onto.get(key), dict):
            _overlay(onto[key], value)
        else:
            onto[key] = value


@pytest.fixture(scope="session")
def manifests(render: Render) -> list[Manifest]:
    return render()


@pytest.fixture(scope="session")
def of_kind() -> Callable[[list[Manifest], str], dict[str, Manifest]]:
    """``of_kind(manifests, "Deployment")``: by name, without the release's prefix."""

    def chosen(documents: list[Manifest], kind: str) -> dict[str, Manifest]:
        named = {d["metadata"]["name"]: d for d in documents if d["kind"] == kind}
        return {name.removeprefix("demo-earthcode-"): d for name, d in named.items()}

    return chosen


@pytest.fixture(scope="session")
def pods(of_kind: Any) -> Callable[[list[Manifest]], dict[str, Manifest]]:
    """The pod templates of all workloads: Deployments by name, the Job as ``migration``."""

    def templates(documents: list[Manifest]) -> dict[str, Manifest]:
        found = {n: d["spec"]["template"] for n, d in of_kind(documents, "Deployment").items()}
        jobs = {n: d["spec"]["template"] for n, d in of_kind(documents, "Job").items()}
        return found | {name.rpartition("-")[0]: template for name, template in jobs.items()}

    return templates
