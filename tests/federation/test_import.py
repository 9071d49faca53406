"""What an import tells about documents that cannot be taken."""

import json
from pathlib import Path
from time import monotonic

from tests.running import Federation


def test_what_is_refused_is_told_and_not_waited_for(federation: Federation, tmp_path: Path) -> None:
    for id in ("import-of-ice", "not an [/id]"):
        folder = tmp_path / "themes" / id.replace("/", "")
        folder.mkdir(parents=True)
        document = {"type": "Catalog", "stac_version": "1.0.0", "id": id, "links": []}
        told = document | {"title": "Ice", "description": "Ice"}
        (folder / "catalog.json").write_text(json.dumps(told))
    start = monotonic()
    done = federation.run("osc", "import", str(tmp_path))
    said = " ".join((done.stdout + done.stderr).split())
    assert "1 imported, 0 unchanged, 0 Items, 1 failed" in said
    assert "theme/not an [/id]: The document has no usable id" in said
    assert done.returncode == 1
    assert monotonic() - start < 60
