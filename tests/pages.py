"""Pages as a browser reads them: is the HTML valid, and what does a page lead to?"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

ACCEPT = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LABELLED = ("input", "select", "textarea")


@dataclass
class Page:
    """``links``: addresses of ``a``; ``data``: the JSON-LD within; ``text``: all that is said."""

    links: set[str]
    data: list[Any]
    text: str
    head: dict[str, str] = field(default_factory=dict)


def read(text: str) -> Page:
    """Raises for what is not valid: html5lib's strict parser, and what it does not look at."""
    assert text.startswith("<!doctype html>")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    every = [one for one in tree.iter() if isinstance(one.tag, str)]
    _check_structure(tree, every)
    scripts = [one for one in every if one.tag == "script"]
    assert all(one.get("type") == "application/ld+json" for one in scripts)
    return Page(
        {one.get("href", "") for one in every if one.tag == "a" or one.tag.endswith("}a")},
        [json.loads(one.text or "") for one in scripts],
        " ".join("".join(tree.find("body").itertext()).split()),
        {one.get("rel", ""): one.get("href", "") for one in every if one.tag == "link"},
    )


def _check_structure(tree: Element, every: list[Element]) -> None:
    assert tree.get("lang")
    assert (tree.findtext("head/title") or "").strip()
    assert len(tree.findall(".//h1")) == 1
    assert len(tree.findall(".//main")) == 1
    ids = Counter(one.get("id") for one in every if one.get("id") is not None)
    assert all(number == 1 and id and " " not in id for id, number in ids.items()), ids
    assert all(one.get("alt") is not None for one in every if one.tag == "img")
    assert all(one.get("aria-label") for one in every if one.get("role") in ("img", "region"))
    labels = {one.get("for") for one in every if one.tag == "label"}
    for one in every:
        if one.tag in LABELLED and one.get("type") != "hidden":
            assert one.get("id") in labels
        if one.tag == "a" or one.tag.endswith("}a"):
            assert one.get("href"), "an anchor without address"
            said = "".join(one.itertext()).strip() or one.get("aria-label")
            assert said, one.get("href")
