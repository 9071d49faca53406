"""The arrows of ARCHITECTURE.md, held by reading the imports of every module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = {
    "publisher": "services/publisher",
    "catalog_api": "services/catalog-api",
    "records_api": "services/records-api",
    "reproducer": "services/reproducer",
    "auth_gateway": "services/auth-gateway",
}
PURE = {"typing", "dataclasses", "collections", "datetime", "enum", "re", "math", "functools"}


def modules(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.py")):
        yield ".".join(path.relative_to(folder).with_suffix("").parts), path


def imports(path: Path, module: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def every_service_module() -> Iterator[tuple[str, str, Path]]:
    for package, folder in SERVICES.items():
        for module, path in modules(ROOT / folder / "src"):
            yield package, module, path


@pytest.mark.parametrize(
    ("package", "module", "path"), [pytest.param(*e, id=e[1]) for e in every_service_module()]
)
def test_no_service_imports_another(package: str, module: str, path: Path) -> None:
    others = set(SERVICES) - {package} | {"earthcode_local", "earthcode_processes"}
    assert not {name.partition(".")[0] for name in imports(path, module)} & others


@pytest.mark.parametrize(
    ("module", "path"),
    [pytest.param(m, p, id=m) for m, p in modules(ROOT / "libs/common/src")],
)
def test_common_imports_no_service(module: str, path: Path) -> None:
    known = {*SERVICES, "earthcode_local", "earthcode_processes"}
    assert not {name.partition(".")[0] for name in imports(path, module)} & known


@pytest.mark.parametrize(
    ("package", "module", "path"),
    [pytest.param(*e, id=e[1]) for e in every_service_module() if "domain" in e[1].split(".")],
)
def test_the_domain_knows_no_outside(package: str, module: str, path: Path) -> None:
    forbidden = {"sqlalchemy", "fastapi", "starlette", "nats", "asyncpg", "httpx2", "aiohttp"}
    found = imports(path, module)
    assert not {name.partition(".")[0] for name in found} & forbidden
    rooms = {"routes", "operations", "store", "clients", "reactions", "worker", "app"}
    assert not {n for n in found if n.startswith(f"{package}.") and n.split(".")[1] in rooms}


@pytest.mark.parametrize(
    ("package", "module", "path"), [pytest.param(*e, id=e[1]) for e in every_service_module()]
)
def test_errors_and_transactions_have_one_door(package: str, module: str, path: Path) -> None:
    text = path.read_text("utf-8")
    assert "raise HTTPException" not in text, "raise a Problem of earthcode_common.problems"
    assert ".commit()" not in text, "transactions are opened and closed in earthcode_common"


def test_no_drawer_without_a_name() -> None:
    drawers = {"utils.py", "helpers.py", "misc.py"}
    folders = ("libs", "services", "platforms", "deploy", "tests", "bench")
    found = [p for f in folders for p in (ROOT / f).rglob("*.py") if p.name in drawers]
    assert found == []
