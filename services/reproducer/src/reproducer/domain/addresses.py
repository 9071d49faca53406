"""Public addresses and where the same thing is inside the deployment."""

from urllib.parse import quote


def segment(text: str) -> str:
    return quote(text, safe=":@,+~")


def attachment(base: str, kind: str, key: str, name: str) -> str:
    entity = f"{base.rstrip('/')}/publish/entities/{segment(kind)}/{segment(key)}"
    return f"{entity}/attachments/{segment(name)}"


def entity(base: str, kind: str, key: str) -> str:
    return f"{base.rstrip('/')}/publish/entities/{segment(kind)}/{segment(key)}"


def inside(href: str, public: str, services: dict[str, str]) -> str:
    """``href`` at the service that answers it, when it starts with the public address.

    ``services`` maps the first path segment ("publish", "stac", ...) to an internal base address.
    """
    base = public.rstrip("/") + "/"
    if not href.startswith(base):
        return href
    rest = href[len(base) :]
    service = services.get(rest.partition("/")[0].partition("?")[0])
    return f"{service.rstrip('/')}/{rest}" if service else href


def outside(href: str, public: str) -> str:
    """The public address of a published file; ``attachment:{product}/{name}`` is one of ours."""
    if not href.startswith("attachment:"):
        return href
    product, _, name = href.removeprefix("attachment:").partition("/")
    return f"{public.rstrip('/')}/publish/entities/product/{product}/attachments/{name}"
