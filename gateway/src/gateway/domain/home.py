"""Where guarantees live: each in one home district, which its reference number (GRN) tells by its office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Behind 2 digits of the year and 2 letters of the country; the other characters are the office's own.
_OFFICE = slice(4, 8)


class ManyHomes(Exception):
    """Guarantees of two districts are named; `grn` is the first that is not kept where the first one is."""

    def __init__(self, grn: str, home: str, first: str) -> None:
        super().__init__(f"{grn} is kept by {home}, not by {first}")
        self.grn, self.home, self.first = grn, home, first


@dataclass(frozen=True, slots=True)
class Homes:
    """`own` is this district, `offices` the partners' offices: office → district. What no partner keeps is the own."""

    own: str
    offices: Mapping[str, str]

    def of(self, grns: Sequence[str]) -> str:
        """The home district of these guarantees, one at least; raises ManyHomes where there are two."""
        first, *others = [(grn, self.offices.get(grn[_OFFICE], self.own)) for grn in grns]
        for grn, home in others:
            if home != first[1]:
                raise ManyHomes(grn, home, first[1])
        return first[1]
