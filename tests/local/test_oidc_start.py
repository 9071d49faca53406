"""The provider runs on a laptop and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from earthcode_local.oidc.provider import RefusedToStart, load_provider

from tests.local.oidc_world import ISSUER


@pytest.mark.parametrize(
    ("issuer", "environment"),
    [
        (ISSUER, "production"),
        (ISSUER, ""),
        ("http://0.0.0.0:8999", "local"),
        ("http://192.168.1.7:8999", "local"),
        ("https://id.example.org", "local"),
        ("http://127.0.0.1.evil.example:8999", "local"),
        ("http://127.0.0.1:80@evil.example", "local"),
        ("http://127.0.0.1:8999/realm", "local"),
    ],
)
def test_it_refuses_to_run_for_others(tmp_path: Path, issuer: str, environment: str) -> None:
    with pytest.raises(RefusedToStart):
        load_provider(issuer, tmp_path, environment)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "environment"),
    [([], {}), (["--host", "0.0.0.0"], {"EARTHCODE_ENVIRONMENT": "local"})],
)
def test_the_program_refuses_as_well(
    tmp_path: Path, options: list[str], environment: dict[str, str]
) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("EARTHCODE_")}
    done = subprocess.run(
        [sys.executable, "-m", "earthcode_local.oidc", "--data-dir", tmp_path / "x", *options],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "development provider" in done.stderr
