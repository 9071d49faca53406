"""A record that cannot be served keeps nothing else from being served."""

import json
from typing import Any

import pytest

from tests.records_api.record_samples import workflow


@pytest.mark.parametrize("number", ["9" * 5000, "1e400"])
async def test_a_rebuild_skips_and_names_what_cannot_be_projected(
    records: Any, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    odd = json.dumps(workflow("odd") | {"x": [0]}).replace('"x": [0]', f'"x": [{number}]')
    records.neighbours.publish("workflow", workflow("one"))
    records.neighbours.publish("workflow", odd, "odd")
    await records.rebuild()
    said = capsys.readouterr().out
    assert "1 projected, 1 skipped" in said
    assert "skipped: workflow/odd: /x/0 is a number too large for any client" in said
    assert await records.ids("workflows") == ["one"]
