"""Files in a body: base64, or plain text."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from publisher.bodies.envelope import Json, bad, list_of
from publisher.domain.members import Attachment

MAX_ATTACHMENTS = 50
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,199}(?<![ .])")
TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;\s*[\w-]+=[\w.:+/ \"-]+)*", re.ASCII)


def attachments(value: Json, pointer: str) -> Iterator[Attachment]:
    if value.get("attachments") is None:
        return
    seen = set()
    for index, entry in enumerate(list_of(value, "attachments", MAX_ATTACHMENTS, pointer)):
        file = _attachment(entry, f"{pointer}/attachments/{index}")
        if file.name in seen:
            raise bad(f"{file.name} is attached twice", f"{pointer}/attachments/{index}/name")
        seen.add(file.name)
        yield file


def _attachment(entry: Any, pointer: str) -> Attachment:
    if not isinstance(entry, dict):
        raise bad("An attachment is an object", pointer, '{"name", "media_type", "content"}')
    name, media_type = entry.get("name"), entry.get("media_type", "application/octet-stream")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise bad(
            "The name of an attachment is 1 to 200 letters, digits, spaces or . _ -",
            f"{pointer}/name",
            "a plain file name, without a folder",
        )
    if not isinstance(media_type, str) or len(media_type) > 200 or not TYPE.fullmatch(media_type):
        raise bad("This is not a media type", f"{pointer}/media_type", "for example text/yaml")
    return Attachment.of(name, media_type, _content(entry, pointer))


def _content(entry: Json, pointer: str) -> bytes:
    content, encoding = entry.get("content"), entry.get("encoding", "base64")
    if not isinstance(content, str):
        raise bad("The content is a text", f"{pointer}/content", "base64, or plain with utf-8")
    if encoding not in ("base64", "utf-8"):
        raise bad("The encoding is base64 or utf-8", f"{pointer}/encoding")
    try:
        if encoding == "utf-8":
            return content.encode()
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        hint = 'for plain text send "encoding": "utf-8"'
        raise bad(f"The content is not {encoding}: {error}", f"{pointer}/content", hint) from error
