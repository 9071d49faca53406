"""docs/operate/kubernetes.md and the files it applies, against the values they must agree with."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HELM = ROOT / "deploy/helm"
DOCUMENT = ROOT / "docs/operate/kubernetes.md"
TEXT = DOCUMENT.read_text()
VALUES = yaml.safe_load((HELM / "earthcode/values.yaml").read_text())
GATEWAY = [VALUES["gateway"][name] for name in ("issuers", "signingKeys")]
DATABASES = [service["database"] for service in VALUES["services"].values()]


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_secrets_it_makes_are_those_the_values_name():
    script = "\n".join(_blocks("sh"))
    loops = re.findall(r"for name in ([\w ]+); do\n(.*?)\ndone", script, re.DOTALL)
    looped = {n: body for names, body in loops for n in names.split() if "secret" in body}
    made = set(re.findall(r"create secret generic (earthcode-[\w-]+)", script))
    made |= {f"earthcode-{name}-db" for name in looped}
    named = {d["existingSecret"] for d in DATABASES}
    for part in (VALUES["nats"], VALUES["pageTokens"], *GATEWAY):
        named.add(part["existingSecret"])
    assert named == made


def test_the_files_of_secrets_have_the_keys_that_are_mounted():
    script = "\n".join(_blocks("sh"))
    files = {Path(f).name for f in re.findall(r"--from-file=(\S+)", script)}
    keys = {part["key"] for part in (VALUES["pageTokens"], *GATEWAY)}
    assert keys <= files


def test_cloudnative_pg_makes_what_the_values_name():
    documents = list(yaml.safe_load_all((HELM / "cloudnative-pg.yaml").read_text()))
    cluster, *databases = documents
    production = yaml.safe_load((HELM / "earthcode/values-production.yaml").read_text())["postgres"]
    name = cluster["metadata"]["name"]
    assert (f"{name}-rw", f"{name}-ca") == (production["host"], production["ca"]["existingSecret"])
    parameters = cluster["spec"]["postgresql"]["parameters"]
    assert int(parameters["max_connections"]) == production["maxConnections"]
    roles = cluster["spec"]["managed"]["roles"]
    assert [(r["passwordSecret"]["name"], r["name"]) for r in roles] == [
        (d["existingSecret"], d["name"]) for d in DATABASES
    ]
    assert [(d["spec"]["name"], d["spec"]["owner"]) for d in databases] == [
        (d["name"], d["name"]) for d in DATABASES
    ]
    assert {d["spec"]["cluster"]["name"] for d in databases} == {name}


@pytest.mark.parametrize("block", _blocks("yaml"), ids=lambda b: b.split("\n")[0])
def test_its_values_render(block, render):
    assert render(yaml.safe_load(block))


def test_its_key_rotation_rotates(tmp_path):
    from auth_gateway import keys

    (snippet,) = re.findall(r"<<'PYTHON'\n(.*?)^PYTHON$", TEXT, re.MULTILINE | re.DOTALL)
    made = [sys.executable, str(HELM / "new_secrets.py"), str(tmp_path / "secrets")]
    subprocess.run(made, check=True)
    before = keys.read(tmp_path / "secrets/signing-keys.json")
    subprocess.run([sys.executable, "-c", snippet], check=True, cwd=tmp_path)
    after = keys.read(tmp_path / "secrets/signing-keys.json")
    assert [key.kid for key in after[::2]] == [before[1].kid, before[0].kid]


def test_what_it_names_exists():
    for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", TEXT):
        assert (DOCUMENT.parent / target).exists(), target
    for path in re.findall(r"\bdeploy/helm/[\w./-]+\w", TEXT):
        assert (ROOT / path).exists(), path
    for package in set(re.findall(r"-- python -m (\w+) rebuild", TEXT)):
        source = ROOT / f"services/{package.replace('_', '-')}/src/{package}/service.py"
        assert '"rebuild"' in source.read_text()
