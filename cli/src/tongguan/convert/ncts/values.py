"""A message as its values (path → text, in the document's order), and such values as a document again.

A path is `Consignment/HouseConsignment[1]/ConsignmentItem[2]/Consignee/name`: local names, a place behind what may
repeat, `@name` for an attribute. Only text counts: prefixes, comments, empty elements and the space around elements
do not.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from tongguan.convert.ncts.sequence import NAMESPACE, REPEATED, Kind, belongs, rank
from tongguan.convert.tree import local_name

Values = dict[str, str]
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_STEP = re.compile(r"^([^\[\]]+)(?:\[(\d+)\])?$")
_BREAKS = re.compile(r"[ \t]*[\t\r\n\x85\u2028\u2029]\s*")

register_namespace("ncts", NAMESPACE)


def values_of(root: Element) -> Values:
    """The values of a document. Texts are NFC, and a line break or tab in one is a space."""
    return dict(_values(root, ""))


def _values(element: Element, path: str) -> Iterator[tuple[str, str]]:
    for attribute, value in element.attrib.items():
        if not attribute.startswith(_INSTANCE):
            yield f"{path}@{attribute.rpartition('}')[2]}", _cleaned(value)
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    if text.strip():
        yield path.rstrip("/"), _cleaned(text.strip() if len(element) else text)
    seen: Counter[str] = Counter()
    for child in element:
        name = local_name(child)
        seen[name] += 1
        yield from _values(child, f"{path}{step(name, seen[name])}/")


def step(name: str, place: int) -> str:
    """One step of a path; the place stands where the schema lets the element repeat, or where it does."""
    return f"{name}[{place}]" if name in REPEATED or place > 1 else name


def _cleaned(text: str) -> str:
    broken = _BREAKS.sub(" ", text)
    return unicodedata.normalize("NFC", broken.strip() if broken != text else text)


def places(values: Mapping[str, str]) -> Counter[str]:
    """Path without its last place → how many places there are: `Consignment/TransportEquipment` → 2."""
    most: Counter[str] = Counter()
    for path in values:
        walked = ""
        for part in path.split("/"):
            if found := _STEP.match(part):
                name, place = walked + found.group(1), int(found.group(2) or 1)
                most[name] = max(most[name], place)
            walked += f"{part}/"
    return most


@dataclass(slots=True)
class _Node:
    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: dict[tuple[str, int], "_Node"] = field(default_factory=dict)

    def put(self, path: str, value: str) -> None:
        node = self
        for part in filter(None, path.split("/")):
            if part.startswith("@"):
                node.attributes[part[1:]] = value
                return
            found = _STEP.match(part)
            name, place = (found.group(1), int(found.group(2) or 1)) if found else (part, 1)
            node = node.children.setdefault((name, place), _Node(name))
        node.text = value

    def fill(self, element: Element, kind: Kind) -> None:
        """Children in the schema's order; of one name in their places' order, without gaps."""
        element.text = self.text or None
        element.attrib.update(self.attributes)
        parent = "" if element.tag.startswith("{") else self.name
        for (name, _place), child in sorted(self.children.items(), key=lambda it: (rank(parent, it[0][0]), it[0])):
            if belongs(kind, parent, name):
                child.fill(SubElement(element, name), kind)


def document(kind: Kind, values: Mapping[str, str]) -> str:
    """A document of this kind, without what only the other kind has. Empty values are left out."""
    root = _Node(kind)
    for path, value in values.items():
        if value:
            root.put(path, value)
    element = Element(f"{{{NAMESPACE}}}{kind}")
    root.fill(element, kind)
    indent(element, "    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(element, encoding="unicode")}\n'
