"""XML 1.0 with the standard library; names are written as they stand, ``xmlns`` included."""

from typing import Any
from xml.etree import ElementTree as ET

from records_api.representations import values

XSI = "http://www.w3.org/2001/XMLSchema-instance"
Element = ET.Element


def element(name: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """``xml_lang=`` is the attribute xml:lang; those that are None or empty are left out."""
    said = {key.replace("_", ":"): values.text(value) for key, value in attributes.items() if value}
    made = ET.Element(name, said)
    made.text = None if text is None else values.text(text)
    return made


def child(parent: Element, name: str, text: str | None = None, /, **attributes: Any) -> Element:
    made = element(name, text, **attributes)
    parent.append(made)
    return made


def document(root: Element) -> bytes:
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
