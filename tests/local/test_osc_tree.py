"""Reading, checking and mending trees of the Open Science Catalog, offline."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from earthcode_local.osc import checking
from earthcode_local.osc.source import opened
from earthcode_local.osc.style import Style
from earthcode_local.osc.tree import TreeError, read
from hypothesis import given
from hypothesis import strategies as st

THEME = {
    "type": "Catalog",
    "id": "oceans",
    "stac_version": "1.0.0",
    "title": "Oceans",
    "description": "All about oceans",
    "links": [{"rel": "via", "href": "https://example.org/"}] * 3,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree" / "themes" / "oceans"
    folder.mkdir(parents=True)
    (folder / "catalog.json").write_text(json.dumps(THEME, indent=4) + "\n")
    return tmp_path / "tree"


@pytest.mark.real_data
def test_the_real_tree_is_read_whole(real_catalogue: Path) -> None:
    entities = read(real_catalogue)
    assert Counter(entity.kind for entity in entities) == {
        "product": 333,
        "project": 200,
        "workflow": 14,
        "experiment": 7,
        "variable": 1207,
        "theme": 6,
        "mission": 81,
    }
    assert sum(len(entity.items) for entity in entities) == 20


@pytest.mark.real_data
def test_every_finding_about_the_real_tree_says_where_and_what(real_catalogue: Path) -> None:
    findings = json.loads(checking.as_json(checking.check(read(real_catalogue))))["findings"]
    assert findings
    for finding in findings:
        words = ("rule", "severity", "kind", "id", "pointer", "message", "hint", "fix")
        assert set(words) <= set(finding)
        assert finding["message"]
        assert finding["severity"] in ("error", "warning", "info")


def test_duplicates_are_mended_in_the_files_own_style(tree: Path) -> None:
    entities = read(tree)
    before = checking.check(entities)
    assert [f.rule for f in before].count("link.duplicate") == 2
    assert checking.mend(entities, before) == 2
    text = (tree / "themes/oceans/catalog.json").read_text()
    assert json.loads(text)["links"] == THEME["links"][:1]
    assert text == json.dumps(json.loads(text), indent=4) + "\n"
    assert "link.duplicate" not in [f.rule for f in checking.check(entities)]


def test_a_range_of_commits_is_what_they_changed(tree: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(tree), *identity, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    other = tree / "variables" / "a.b"
    other.mkdir(parents=True)
    (other / "catalog.json").write_text("{}")
    git("add", ".")
    git("commit", "-qm", "two")
    with opened(str(tree), "HEAD~1..HEAD") as (_, entities):
        assert [(entity.kind, entity.id) for entity in entities] == [("variable", "a.b")]
    with opened(str(tree)) as (_, entities):
        assert len(entities) == 2


def test_a_folder_that_is_no_tree_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="none of the folders"), opened(str(tmp_path)):
        pass


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.dictionaries(st.text(), values, min_size=1),
    st.sampled_from([2, 4]),
    st.booleans(),
    st.sampled_from(["", "\n"]),
)
def test_a_style_is_kept(value: Any, indent: int, ascii: bool, tail: str) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii) + tail
    assert Style.of(text).dump(value) == text


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    told = pytest.raises(TreeError, match=f"no such folder or repository: {missing}")
    with told, opened(str(missing)):
        pass
