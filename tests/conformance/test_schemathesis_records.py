"""`schemathesis run .../records/api --checks all`, as anybody runs it in the project's folder."""

import asyncio
import sys
from pathlib import Path

from tests.conformance.records_ats.catalogue import Catalogue
from tests.profile import NAME, examples

ROOT = Path(__file__).parents[2]  # where schemathesis.toml is


async def test_every_check_of_schemathesis_passes(catalogue: Catalogue) -> None:
    words = ["--seed", "7"] if NAME == "quick" else []
    words += ["--max-examples", str(examples(4)), "--request-timeout", "60"]
    running = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{catalogue.root}/api", "--checks", "all", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    said = (await running.communicate())[0].decode()
    assert running.returncode == 0, said[-8000:]
    assert " passed" in said, said[-2000:]
