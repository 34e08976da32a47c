"""What customs' rules read of a consignment."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Direction(IntEnum):
    """Numbers are the contract's."""

    IMPORT = 1
    EXPORT = 2


class DeclarationType(IntEnum):
    """Numbers are the contract's."""

    STANDARD = 1
    PRE_LODGED = 2
    SUPPLEMENTARY = 3


DocumentReference = tuple[str, str]
"""Kind and number of a document; only documents that state a number are kept."""


@dataclass(slots=True)
class Item:
    """One goods item. None is what was not declared; it is never zero."""

    number: int
    code: str
    """Commodity code without blanks and points (`folded_code`); empty when missing."""
    origin_country_code: str
    gross_mass_kg: float | None
    net_mass_kg: float | None
    value_minor_units: int | None
    currency_code: str
    """Empty when no value was declared."""
    documents: tuple[DocumentReference, ...]


@dataclass(slots=True)
class ConsignmentView:
    """A consignment as customs sees it: goods, value, and who answers for them."""

    direction: int
    declaration_type: int
    broker_licence: str
    reference: str
    """The broker's own number of the consignment."""
    transport_document_number: str
    port_code: str
    """UN/LOCODE; empty when missing."""
    special_area_code: str
    """Empty outside special areas."""
    trade_mode_code: str
    trader_identifier: str
    """Folded (`folded_identifier`); empty when missing."""
    trader_country_code: str
    countries: tuple[tuple[str, str], ...]
    """Contract path of a field and the country code declared in it, empty ones left out; without items' origins."""
    arrival_time: datetime | None
    loading_time: datetime | None
    invoice_minor_units: int | None
    total_gross_mass_kg: float | None
    documents: tuple[DocumentReference, ...]
    items: tuple[Item, ...]
    container_numbers: tuple[str, ...] = ()
    customs_office_code: str = ""
    """4-digit customs office where it is declared; empty when missing."""
    verification_office_code: str = ""
    """4-digit customs office at whose port it is verified (属地申报、口岸验放); empty elsewhere."""

    @property
    def is_import(self) -> bool:
        return self.direction == Direction.IMPORT


def folded_code(code: str) -> str:
    """A commodity code as registers know it: traders also write `7318.16 31`."""
    return code.replace(".", "").replace(" ", "")


def folded_identifier(identifier: str) -> str:
    """A registration number as registers know it."""
    return identifier.strip().upper()
