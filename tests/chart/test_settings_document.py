"""docs/operate/settings.md against the settings classes: no name, no default is made up."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from earthcode_common import contracts
from earthcode_common.settings import ServiceSettings

DOCUMENT = Path(__file__).parents[2] / "docs/operate/settings.md"
SERVICES = ("auth-gateway", "publisher", "catalog-api", "records-api", "reproducer")
ROW = re.compile(r"^\| `(EARTHCODE_[A-Z_]+)` \|(?: `(.*?)`)? \| (.+) \|$", re.MULTILINE)


def _documented(heading):
    sections = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)
    text = next((s for s in sections if s.startswith(f"{heading}\n")), "")
    rows = ROW.findall(text)
    assert len({name for name, _, _ in rows}) == len(rows), "a name is there twice"
    return {name: default or "" for name, default, _ in rows}


def _defaults(settings):
    return {
        f"EARTHCODE_{name.upper()}": _text(field.get_default(call_default_factory=True))
        for name, field in settings.model_fields.items()
    }


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and value < 1e5 else str(value)


def _settings_of(service):
    package = service.replace("-", "_")
    if find_spec(f"{package}.service") is None:
        pytest.skip(f"{service} is not there yet")
    return import_module(f"{package}.service").SERVICE.settings


def test_shared_settings():
    assert _documented("Every service") == _defaults(ServiceSettings)


@pytest.mark.parametrize("service", SERVICES)
def test_settings_of_a_service(service):
    shared = _defaults(ServiceSettings)
    told = _defaults(_settings_of(service))
    assert _documented(service) == {n: d for n, d in told.items() if shared.get(n) != d}


def test_services_read_no_other_variables():
    """All of them go through the settings classes, or the tables would not be complete."""
    root = DOCUMENT.parents[2]
    sources = [*root.glob("services/*/src/**/*.py"), *root.glob("libs/*/src/**/*.py")]
    named = {
        (path.name, name)
        for path in sources
        for name in re.findall(r"""["'](EARTHCODE_[A-Z_]+)["']""", path.read_text())
        if name != contracts.DEAD_STREAM
    }
    assert named == set()
