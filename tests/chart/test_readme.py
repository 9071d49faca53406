"""The table of values in the chart's README against values.yaml."""

import re
from pathlib import Path

import pytest
import yaml

CHART = Path(__file__).parents[2] / "deploy/helm/earthcode"
README = (CHART / "README.md").read_text()
ROWS = dict(re.findall(r"^\| `([\w.]+)` \| (.*?) ?\| ", README, re.MULTILINE))
# Described in words, or as a whole.
WHOLE = ("resources", "internet.exceptIPv4", "internet.exceptIPv6")


def _leaves(values, path=""):
    for key, value in values.items():
        name = f"{path}{key}"
        if isinstance(value, dict) and value and not name.endswith(WHOLE):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


LEAVES = {
    name: value
    for name, value in _leaves(yaml.safe_load((CHART / "values.yaml").read_text()))
    if not name.startswith("services.")
}


def test_every_value_has_a_row_and_no_other():
    documented = {name for name in ROWS if name.split(".")[0] in {n.split(".")[0] for n in LEAVES}}
    assert documented == set(LEAVES)


@pytest.mark.parametrize("name", [n for n in LEAVES if not n.endswith(WHOLE)])
def test_the_default_is_the_real_one(name):
    text = ROWS[name].strip("`")
    assert (yaml.safe_load(text) if text else "") == LEAVES[name]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", README):
        assert (CHART / target).exists(), target
