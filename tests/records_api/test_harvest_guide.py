"""The commands of docs/use/harvest.md do what is said there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "use" / "harvest.md"
BASE = "http://127.0.0.1:8080"
MEDIA = {
    "turtle": "text/turtle; charset=utf-8",
    "dcat": 'application/ld+json;profile="http://data.europa.eu/r5r/"',
    "datacite": "application/vnd.datacite.datacite+json",
    "datacite-xml": "application/vnd.datacite.datacite+xml",
    "jsonld": 'application/ld+json;profile="https://schema.org/"',
    "linkset": "application/linkset+json",
    "ro-crate": 'application/ld+json;profile="https://w3id.org/ro/crate/1.2"',
}


@pytest.mark.real_data
async def test_its_commands(all_catalogues: Any, subtests: Any) -> None:
    all_catalogues.settings.public_url = BASE
    commands = re.findall(r"^    (curl .+)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert len(commands) > 12
    for command in commands:
        with subtests.test(command):
            words = shlex.split(command.replace("$URL", BASE))
            headers = dict(one.split(": ") for one in words if ": " in one)
            answer = await all_catalogues.client.get(words[-1].removeprefix(BASE), headers=headers)
            assert answer.status_code == 200, answer.text
            assert "<error" not in answer.text
            if format := re.search(r"f=([a-z-]+)", command):
                media = answer.headers["content-type"]
                assert media == MEDIA.get(format[1], "application/atom+xml")
