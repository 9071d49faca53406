"""What a representation is: its name, its media type, and how it is made from the JSON."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson


class Context(NamedTuple):
    """What a renderer may need beside the JSON, which holds public addresses.

    ``here`` is the public address without its query, ``asked`` the query; ``offers`` are all
    representations of the same resource.
    """

    public_url: str
    here: str
    asked: list[tuple[str, str]]
    offers: Sequence["Format"] = ()


Render = Callable[[str, Context], bytes]


def as_it_is(text: str, context: Context) -> bytes:
    return text.encode()


def no_headers(context: Context) -> Mapping[str, str]:
    return {}


class Format(NamedTuple):
    """``render(text, context)``: the representation, from the JSON text of the resource.

    ``media`` may have parameters, which Accept can name (``application/ld+json;profile="..."``);
    without them the first of a list is meant. ``encoding`` is sent as ``charset``. ``profile`` is
    that of the content where it is not the one of the JSON. ``edition`` is part of the ETag: it
    changes when the same JSON is rendered in another way.
    """

    name: str
    media: str
    title: str
    render: Render = as_it_is
    headers: Callable[[Context], Mapping[str, str]] = no_headers
    encoding: str = ""
    profile: str = ""
    edition: str = ""

    @property
    def content_type(self) -> str:
        return f"{self.media}; charset={self.encoding}" if self.encoding else self.media


def of_json(make: Callable[[dict[str, Any], Context], bytes]) -> Render:
    """A renderer that gets the parsed document."""

    def render(text: str, context: Context) -> bytes:
        return make(parsed(text), context)

    return render


def parsed(text: str) -> Any:
    """Half characters (lone surrogates), which nothing that is sent can hold, become ``?``."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        whole = json.dumps(json.loads(text), ensure_ascii=False)
        return json.loads(whole.encode("utf-8", "replace"))
