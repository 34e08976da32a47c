"""Accounts for every value of a document: carried into a field, not carried with a reason, or not read at all.

Nothing is dropped silently, because the account is opened with every value before the mapping begins: what the mapping
does not touch is listed as not carried by itself.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tongguan.convert.tree import local_name

_WHITE_SPACE = " \t\r\n"  # of XML; any other space is part of a value
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
NO_PLACE = "the contract has no place for it"


@dataclass(slots=True)
class Entry:
    """One value: its path in the document, and what became of it. Exactly one of `field` and `reason` is non-empty."""

    path: str
    value: str
    field: str = ""
    reason: str = NO_PLACE


class Ledger:
    """The values of one declaration and of the envelope around it."""

    def __init__(self, root: Element, declaration: Element, others: frozenset[Element] = frozenset()) -> None:
        self._entries: dict[str, Entry] = {}
        self._paths: dict[Element, str] = {}
        self._declaration = declaration
        self._others = others
        self._open(root, "" if root is declaration else local_name(root))

    def _open(self, element: Element, path: str) -> None:
        """Enters the values of an element and of all below it. A declaration's own paths begin with its name."""
        path = self._paths[element] = local_name(element) if element is self._declaration else path
        for attribute, value in element.attrib.items():
            if not attribute.startswith(_INSTANCE):
                self._enter(f"{path}/@{attribute.rpartition('}')[2]}", value)
        self._enter(path, (element.text or "") + "".join(child.tail or "" for child in element))
        names = Counter(map(local_name, element))
        seen: Counter[str] = Counter()
        for child in element:
            name = local_name(child)
            seen[name] += 1
            if child not in self._others:
                self._open(child, f"{path}/{name}[{seen[name]}]" if names[name] > 1 else f"{path}/{name}")

    def _enter(self, path: str, value: str) -> None:
        value = value.strip(_WHITE_SPACE)
        if value:
            while path in self._entries:  # attributes of one local name in two namespaces
                path += "'"
            self._entries[path] = Entry(path, value)

    def node(self, element: Element) -> "Node":
        """The element as the mapping reads it."""
        return Node(self, element)

    def path(self, element: Element) -> str:
        """`Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/…`; positions only where siblings share a name."""
        return self._paths[element]

    def value(self, path: str) -> str:
        """The value at a path, or nothing."""
        entry = self._entries.get(path)
        return entry.value if entry else ""

    def carry(self, path: str, field: str) -> None:
        """The value stands in `field` of the submission."""
        if path in self._entries:
            self._entries[path].field = field

    def leave(self, path: str, reason: str) -> None:
        """The value cannot be carried, for a reason better than that there is no place for it."""
        if path in self._entries:
            self._entries[path].field = ""
            self._entries[path].reason = reason

    def copy(self, source: str, target: str) -> None:
        """What became of the value at `source` became of its equal at `target` too."""
        if source in self._entries and target in self._entries:
            self._entries[target].field = self._entries[source].field
            self._entries[target].reason = self._entries[source].reason

    def move(self, field: str, now: str = "", reason: str = "") -> None:
        """What stood in `field` of the submission now stands in another, or is not carried, for a reason."""
        for entry in self._entries.values():
            if entry.field == field:
                entry.field, entry.reason = now, reason

    def carried(self) -> list[Entry]:
        """What stands in the submission, in the document's order."""
        return [entry for entry in self._entries.values() if entry.field]

    def not_carried(self) -> list[Entry]:
        """What does not, in the document's order."""
        return [entry for entry in self._entries.values() if not entry.field]


class Node:
    """An element as the mapping reads it, by local names. A missing element is a node too: empty, without children."""

    __slots__ = ("_element", "_ledger")

    def __init__(self, ledger: Ledger, element: Element | None) -> None:
        self._ledger = ledger
        self._element = element

    def __bool__(self) -> bool:
        """Whether the element is there."""
        return self._element is not None

    @property
    def path(self) -> str:
        """Its path; empty when the element is missing."""
        return self._ledger.path(self._element) if self._element is not None else ""

    @property
    def text(self) -> str:
        """Its own text without surrounding white space."""
        return self._ledger.value(self.path)

    def attribute(self, name: str) -> str:
        """An attribute's value by local name, or nothing."""
        return self._ledger.value(f"{self.path}/@{name}")

    def all(self, path: str) -> "list[Node]":
        """Every descendant at a path of local names; of the elements on the way, all."""
        found = [self._element] if self._element is not None else []
        for name in path.split("/"):
            found = [child for element in found for child in element if local_name(child) == name]
        return [Node(self._ledger, element) for element in found]

    def at(self, path: str) -> "Node":
        """The first descendant at a path of local names, or a missing one."""
        return next(iter(self.all(path)), Node(self._ledger, None))

    def values(self) -> Iterator[tuple[str, str]]:
        """(path below it, value) of each element of the subtree that has one; equal for equal content."""
        if self._element is not None:
            for element in self._element.iter():
                path = self._ledger.path(element)
                if value := self._ledger.value(path):
                    yield path.removeprefix(self.path), value

    def carry(self, field: str, attribute: str = "") -> None:
        """See Ledger.carry; with `attribute` that one's value."""
        self._ledger.carry(f"{self.path}/@{attribute}" if attribute else self.path, field)

    def carry_like(self, equal: "Node") -> None:
        """This subtree, equal to another's, stands where that one stands."""
        for suffix, _ in self.values():
            self._ledger.copy(equal.path + suffix, self.path + suffix)

    def leave(self, reason: str, attribute: str = "") -> None:
        """See Ledger.leave; with `attribute` that one's value."""
        self._ledger.leave(f"{self.path}/@{attribute}" if attribute else self.path, reason)
