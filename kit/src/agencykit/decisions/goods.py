"""Goods that are decided in parts: read from a consignment, and parts as text."""

import json

from agencykit.decisions.prepare import read_consignment
from agencykit.parts import Goods
from agencykit.rules import Part


def read_goods(content: bytes) -> Goods:
    """How a consignment can be divided."""
    consignment = read_consignment(content)
    return Goods(
        containers=tuple([container.number for container in consignment.containers]),
        items={item.number: tuple(item.container_numbers) for item in consignment.items},
    )


def part_text(part: Part | None) -> str:
    """As stored; empty for all of the goods."""
    return "" if part is None else json.dumps([part.containers, part.items])


def part_of(text: str) -> Part | None:
    """The inverse of `part_text`."""
    if not text:
        return None
    containers, items = json.loads(text)
    return Part(tuple(containers), tuple(items))
