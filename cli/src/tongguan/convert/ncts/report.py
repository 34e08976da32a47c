"""What a conversion from NCTS has to say for itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SHOWN = ("CustomsOffice", "HolderOfTheTransitProcedure/identificationNumber", "Guarantee")


@dataclass(frozen=True, slots=True)
class MovementReport:
    """The account of one message."""

    file: str
    lrn: str
    items: int
    values: Mapping[str, str]
    """All that the message says, access codes apart."""
    kept: Mapping[str, str]
    """What stands in supplied_elements: no field says it, or not as the message does."""
    access_codes: Sequence[str]
    """Paths of access codes, which stand nowhere."""

    @property
    def carried(self) -> list[str]:
        """Paths of what fields say as the message does."""
        return [path for path in self.values if path not in self.kept]

    def to_dict(self) -> dict[str, Any]:
        """The report as one line of JSON Lines."""
        return {
            "file": self.file,
            "lrn": self.lrn,
            "items": self.items,
            "carried": self.carried,
            "suppliedElements": [{"path": path, "value": value} for path, value in self.kept.items()],
            "accessCodes": list(self.access_codes),
        }

    def summary(self) -> Iterator[str]:
        """Lines for a person."""
        kept = sum(bool(value) for value in self.kept.values())
        items = f"{self.items} item{'s' * (self.items != 1)}"
        yield f"{self.file}: {self.lrn}, {items}, {len(self.carried)} values in fields, {kept} kept beside them"
        for path, value in self.kept.items():
            if value and path.startswith(_SHOWN):
                yield f"  kept beside its field: {path}={value}"
        if self.access_codes:
            yield f"  access codes left out: {len(self.access_codes)} (--access-codes FILE takes them)"
