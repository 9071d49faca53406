"""The published files that a run is compared with: data assets of the products and their Items."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reproducer.domain.plan.model import Output, Product, Reason
from reproducer.domain.plan.reading import attachment_name, is_absolute, mapping, text, texts

MAX_OUTPUTS = 50
HINT = (
    "give the product (or an Item below it) an asset with the role `data` whose key is the name of"
    " the process output"
)
Found = tuple[list[Output], list[Reason]]


def expected_outputs(products: Sequence[Product]) -> Found:
    """Assets with the role ``data``; the key is the name unless ``earthcode:output`` is."""
    found = list(dict.fromkeys(o for product in products for o in _of_product(product)))
    reasons = [reason for p in products for reason in _product_reasons(p)]
    reasons += _about(found, products)
    return found, reasons


def _about(found: list[Output], products: Sequence[Product]) -> list[Reason]:
    if not products:
        message = "No product is linked to the experiment"
        hint = "name the experiment in the product's `osc:experiment`, or link the product"
        return [Reason("product-missing", message, hint, "/links")]
    if not found:
        names = ", ".join(p.id for p in products)
        message = f"No data file is published with {names}: there is nothing to compare with"
        return [_of_products("no-published-data", message, products)]
    if len(found) > MAX_OUTPUTS:
        message = f"{len(found)} data files are published; at most {MAX_OUTPUTS} are compared"
        return [_of_products("too-many-outputs", message, products)]
    return [*_ambiguous(found), *_unreachable(found)]


def _of_products(code: str, message: str, products: Sequence[Product]) -> Reason:
    return Reason(code, message, HINT, "/assets", "product", products[0].id)


def _product_reasons(product: Product) -> Iterator[Reason]:
    if product.document is None:
        message = f"The product {product.id} is not published"
        hint = "publish the product, or correct the reference"
        yield Reason("product-unknown", message, hint, "/links")
    if product.more_items:
        message = f"{product.id} has more Items than are read"
        yield Reason("too-many-outputs", message, HINT, "", "product", product.id)


def _ambiguous(found: list[Output]) -> Iterator[Reason]:
    for name, times in Counter(output.name for output in found).items():
        if times > 1:
            product = next(o.product for o in found if o.name == name)
            message = f"{times} published files have the name {name}"
            hint = "give each asset its own key, or name the output in `earthcode:output`"
            yield Reason("output-ambiguous", message, hint, "/assets", "product", product)


def _unreachable(found: list[Output]) -> Iterator[Reason]:
    for output in found:
        if not output.href.startswith(("http://", "https://", "attachment:")):
            message = f"{output.name} is at {output.href[:200]}, which is not an http(s) address"
            hint = "publish the file under an http(s) address, or attach it to the product"
            yield Reason("output-unreachable", message, hint, "/assets", "product", output.product)


def _of_product(product: Product) -> Iterator[Output]:
    yield from _of_assets(product.id, None, product.document or {})
    for item in product.items:
        yield from _of_assets(product.id, text(item.get("id")), item)


def _of_assets(product: str, item: str | None, document: Mapping[str, Any]) -> Iterator[Output]:
    for key, asset in mapping(document.get("assets")).items():
        asset = mapping(asset)
        href = text(asset.get("href"))
        if href and "data" in texts(asset.get("roles")):
            yield Output(
                name=text(asset.get("earthcode:output")) or str(key),
                media_type=text(asset.get("type")),
                product=product,
                href=_address(product, href.strip()),
                item=item,
                checksum=text(asset.get("file:checksum")),
                size=_size(asset.get("file:size")),
            )


def _address(product: str, href: str) -> str:
    """Relative addresses are files attached to the product: ``attachment:{product}/{name}``."""
    name = None if is_absolute(href) else attachment_name(href)
    return f"attachment:{quote(product, safe='')}/{quote(name)}" if name else href


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
