"""Whether the one who asks is a person with a browser (RFC 9110 section 12.5.1)."""

_DATA = ("application/json", "application/geo+json", "application/*", "*/*")


def wants_page(accept: str) -> bool:
    """text/html is named, and nothing a program would want is wanted more."""
    weights = dict(_parts(accept))
    html = weights.get("text/html", 0.0)
    return html > 0 and html >= max((weights.get(kind, 0.0) for kind in _DATA), default=0.0)


def _parts(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.lower().split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            found.append((kind, float(quality)))
        except ValueError:
            continue
    return found
