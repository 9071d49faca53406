"""A harvester of OAI-PMH as there are many: it follows tokens and trusts nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

OAI = "{http://www.openarchives.org/OAI/2.0/}"
HERE = "/records/oai"


class Failed(Exception):
    """An error of the protocol; ``code`` is its."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Harvester:
    client: Any
    pages: int = 0
    moments: list[str] = field(default_factory=list)

    async def ask(self, by: str = "GET", **asked: str) -> Any:
        """The element that holds the answer; raises Failed for an error of the protocol."""
        if by == "GET":
            answer = await self.client.get(HERE, params=asked)
        else:
            answer = await self.client.post(HERE, data=asked)
        return self.read(answer, asked)

    def read(self, answer: Any, asked: dict[str, str]) -> Any:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        root = etree.fromstring(answer.content)
        assert root.tag == f"{OAI}OAI-PMH"
        moment, request, content = root
        assert (moment.tag, request.tag) == (f"{OAI}responseDate", f"{OAI}request")
        assert request.text == "https://records.test/records/oai"
        self.moments.append(moment.text)
        if content.tag == f"{OAI}error":
            bare = content.get("code") in ("badVerb", "badArgument")
            assert not bare or dict(request.attrib) == {}
            raise Failed(content.get("code"), content.text)
        assert dict(request.attrib) == asked
        assert content.tag == f"{OAI}{asked['verb']}"
        return content

    async def each(self, verb: str = "ListRecords", **asked: str) -> AsyncIterator[Any]:
        """Records, or headers, of the whole list."""
        name = "record" if verb == "ListRecords" else "header"
        arguments = {"metadataPrefix": "oai_dc"} | asked
        while arguments:
            content = await self.ask(verb=verb, **arguments)
            self.pages += 1
            for one in content.findall(f"{OAI}{name}"):
                yield one
            token = content.findtext(f"{OAI}resumptionToken")
            arguments = {"resumptionToken": token} if token else {}


def identifier(one: Any) -> str:
    found: str = next(one.iter(f"{OAI}identifier")).text
    return found
