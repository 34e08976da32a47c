"""Which district an office belongs to: by the digits with which its district's codes begin (关区代码)."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.transit.numbers import district_code

PREFIX_LENGTH = 2


@dataclass(frozen=True, slots=True)
class Offices:
    """`codes`: district → the code of its customs district, the own one included."""

    own: str
    codes: Mapping[str, str]

    def district_of(self, office_code: str) -> str | None:
        """The district of an office; None where none is known."""
        prefix = office_code[:PREFIX_LENGTH]
        return next((name for name, code in self.codes.items() if code[:PREFIX_LENGTH] == prefix), None)

    def district_of_number(self, mrn: str) -> str | None:
        """The district where a movement began."""
        return self.district_of(district_code(mrn))
