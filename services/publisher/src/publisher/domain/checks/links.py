"""Rules on links and addresses."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.documents import pointer, walk

USER = re.compile(r"://[^\s/?#]*@")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
SCHEMES = frozenset({"http", "https", "ftp", "ftps", "s3", "gs", "doi", "mailto", "urn"})
FILE = re.compile(r"[\w-][\w. -]{0,199}\.\w{1,10}", re.ASCII)
# Links between entities and to Items, which are no attachments.
STRUCTURE = frozenset({"self", "root", "parent", "child", "item", "items", "collection", "related"})
SPACES = re.compile(r"[\s\x00-\x20]")


@rule(
    "url.credentials",
    "error",
    "no address holds a user name or a password",
    "the catalogue is public: whoever reads it could use them",
)
def credentials(subject: Subject) -> Iterator[Fault]:
    for path, value in walk(subject.body):
        if isinstance(value, str) and USER.search(value):
            yield Fault(
                pointer(path),
                "This address holds a user name or a password",
                "remove what is before the @, change the password, and say how access is granted",
                _without_credentials(pointer(path), value),
            )


@rule(
    "link.shape",
    "error",
    "every link is an object with a rel and an href that are not empty",
    "a link without them leads nowhere (RFC 8288 section 3)",
)
def shape(subject: Subject) -> Iterator[Fault]:
    for where, link in links(subject):
        for name in ("rel", "href"):
            value = link.get(name)
            if not isinstance(value, str) or not value.strip():
                yield Fault(f"{where}/{name}", f"The link has no {name}", f"add a {name}")
        for name in ("type", "title"):
            if name in link and not isinstance(link[name], str):
                yield Fault(f"{where}/{name}", f"It is {shown(link[name])}, not a text")


@rule(
    "link.href",
    "error",
    "an href is a URI reference with a scheme that can be followed",
    "spaces break it, and javascript: or data: addresses would run in a reader's browser",
)
def href(subject: Subject) -> Iterator[Fault]:
    for where, link in links(subject):
        value = link.get("href")
        if isinstance(value, str) and value.strip() and (why := _unusable(value)):
            yield Fault(f"{where}/href", f"The address {why}")


@rule(
    "link.duplicate",
    "warning",
    "no two links have the same rel and href",
    "readers would show the same thing twice",
)
def duplicate(subject: Subject) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for where, link in links(subject):
        key = (str(link.get("rel")), str(link.get("href")))
        if key in seen:
            fix = [{"op": "remove", "path": where}]
            yield Fault(where, f"A {shown(key[0])} link to the same address exists", fix=fix)
        seen.add(key)


@rule(
    "link.file",
    "warning",
    "a relative link to a file beside the document leads to an attachment",
    "whoever follows it finds nothing, and an experiment without its inputs cannot be run again",
)
def file(subject: Subject) -> Iterator[Fault]:
    for where, link in links(subject):
        value, rel = link.get("href"), link.get("rel")
        name = value.removeprefix("./") if isinstance(value, str) else ""
        if rel in STRUCTURE or not FILE.fullmatch(name) or name in subject.member.attachments:
            continue
        yield Fault(f"{where}/href", f"There is no attachment {shown(name)}", "attach the file")


def links(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    found = subject.body.get("links")
    for index, link in enumerate(found if isinstance(found, list) else ()):
        if isinstance(link, dict):
            yield f"/links/{index}", link


def _unusable(value: str) -> str | None:
    if SPACES.search(value):
        return "holds white space; write %20"
    match = SCHEME.match(value)
    if match and match[0][:-1].lower() not in SCHEMES:
        return f"has the scheme {shown(match[0])}; use https"
    try:
        _ = urlsplit(value).port
    except ValueError as error:
        return f"is not a URI: {error}"
    return None


def _without_credentials(where: str, value: str) -> list[dict[str, Any]] | None:
    mended = USER.sub("://", value)
    whole = ADDRESS.fullmatch(mended) and mended.isprintable()
    return [{"op": "replace", "path": where, "value": mended}] if whole else None
