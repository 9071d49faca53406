"""stac-api-validator without a network: schemas come from a folder laid out as <host>/<path>.

Run as a script: its first argument is the folder, the others are the tool's own. What is asked of
other hosts than the server and is not in the folder is refused, as it would be without a network.
"""

import io
import json
import sys
import urllib.request
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

LOCAL = ("127.0.0.1", "localhost")


def install(tree: Path) -> None:
    send, urlopen = HTTPAdapter.send, urllib.request.urlopen

    def send_here(self, request, **options):
        if urlsplit(request.url).hostname in LOCAL:
            return send(self, request, **options)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer.raw = io.BytesIO(content(tree, request.url, requests.ConnectionError))
        return answer

    def open_here(request, *more, **options):
        url = request if isinstance(request, str) else request.full_url
        if urlsplit(url).hostname in LOCAL:
            return urlopen(request, *more, **options)
        return io.BytesIO(content(tree, url, URLError))

    HTTPAdapter.send = send_here
    urllib.request.urlopen = open_here


def content(tree: Path, url: str, error: type[Exception]) -> bytes:
    parts = urlsplit(url)
    path = tree / (parts.hostname or "") / parts.path.strip("/")
    for found in (path, path.with_suffix(".json")):
        if found.is_file():
            raw = found.read_bytes()
            json.loads(raw)
            return raw
    print(f"Offline: {url}")
    raise error(f"{url} is not in the folder")


if __name__ == "__main__":
    install(Path(sys.argv.pop(1)))
    from stac_api_validator.__main__ import main

    main(prog_name="stac-api-validator")
