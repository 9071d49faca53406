"""The Dockerfile, as far as it can be judged without an engine."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text()
LINES = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", TEXT)).splitlines()


def _of(word):
    return [line.split(maxsplit=1)[1] for line in LINES if line.startswith(f"{word} ")]


@pytest.mark.parametrize(
    "folder", ["auth-gateway", "catalog-api", "publisher", "records-api", "reproducer"]
)
def test_what_it_copies_is_there_and_not_ignored(folder):
    ignored = (ROOT / ".dockerignore").read_text().split()
    sources = [line.split()[0] for line in _of("COPY") if not line.startswith("--from")]
    assert sources == ["requirements.lock", "libs/common", "${FOLDER}", "LICENSE"]
    for source in sources:
        path = source.replace("${FOLDER}", f"services/{folder}")
        assert (ROOT / path).exists()
        assert f"!{path.split('/')[0]}" in ignored
    assert ignored[0] == "*"


def test_it_ends_as_the_user_of_the_chart():
    values = yaml.safe_load((ROOT / "deploy/helm/earthcode/values.yaml").read_text())
    context = values["podSecurityContext"]
    assert _of("USER")[-1] == f"{context['runAsUser']}:{context['runAsGroup']}"
    assert LINES.index(f"USER {_of('USER')[-1]}") > LINES.index(
        "COPY LICENSE /usr/share/doc/earthcode/LICENSE"
    )


def test_it_starts_what_the_chart_starts(manifests, pods):
    assert _of("ENTRYPOINT") == ['["python", "-m"]']
    assert not _of("CMD") + _of("HEALTHCHECK") + _of("ADD")
    for template in pods(manifests).values():
        assert template["spec"]["containers"][0]["command"][:2] == ["python", "-m"]


def test_versions_are_those_of_the_project():
    (uv,) = re.findall(r"uv==([\d.]+)", TEXT)
    assert f"UV_VERSION := {uv}\n" in (ROOT / "Makefile").read_text()
    chart = yaml.safe_load((ROOT / "deploy/helm/earthcode/Chart.yaml").read_text())
    assert f"VERSION={chart['appVersion']}" in _of("ARG")


def test_every_locked_package_has_a_hash():
    """The build checks the hashes that it is given; a package without one would not be checked."""
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
    assert len(blocks) > 50
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
