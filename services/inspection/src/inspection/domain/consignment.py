"""What inspection's rules read of a consignment."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Direction(IntEnum):
    """Numbers are the contract's."""

    IMPORT = 1
    EXPORT = 2


DocumentReference = tuple[str, str]
"""Kind and number of a document; only documents that state a number are kept."""


@dataclass(slots=True)
class Item:
    """One goods item; what was not declared is empty, or None."""

    number: int
    code: str
    """Commodity code without blanks and points (`folded_code`)."""
    origin_country_code: str
    net_mass_kg: float | None
    producer_identifier: str
    """Folded (`folded_identifier`)."""
    package_codes: tuple[str, ...]
    documents: tuple[DocumentReference, ...]


@dataclass(slots=True)
class ConsignmentView:
    """A consignment as inspection sees it: what the goods are, where they come from, what certifies them."""

    direction: int
    trader_identifier: str
    dispatch_country_code: str
    transport_document_number: str
    documents: tuple[DocumentReference, ...]
    items: tuple[Item, ...]
    broker_licence: str = ""
    reference: str = ""
    """The broker's own number of the consignment."""
    arrive_time: datetime | None = field(default=None, compare=False)
    """When the goods are expected. Only advice rests on it: another time makes it no other consignment."""

    @property
    def is_import(self) -> bool:
        return self.direction == Direction.IMPORT


def folded_code(code: str) -> str:
    """A commodity code as the catalogue knows it: traders also write `0307.31 10`."""
    return code.replace(".", "").replace(" ", "")


def folded_identifier(identifier: str) -> str:
    """A registration number as registers know it."""
    return identifier.strip().upper()
