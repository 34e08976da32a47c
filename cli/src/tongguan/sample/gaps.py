"""What is deliberately wrong with some consignments: which, how many, and who must then act.

Shares are per mille of all consignments. A gap that only some goods can have falls on such goods; the draw is made
first and the goods follow, so that the shares hold.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

from tongguan.sample.tables import Weighed


class Gap(StrEnum):
    """One kind of gap, or none."""

    NONE = "none"
    NO_MANIFEST = "the carrier has lodged no manifest"
    CONTAINER_NOT_MANIFESTED = "a container is not on the manifest"
    NOT_ARRIVED = "the goods are not at the terminal yet"
    NOT_PLACED = "the terminal has assigned no place yet"
    PRE_LODGED = "declared before arrival, the ship is still at sea"
    PACKAGES_DIFFER = "declared and manifested packages differ"
    MASS_DIFFERS = "declared and manifested mass differ"
    PORT_HOLD = "the port holds the goods"
    NO_CREW_LIST = "the ship has lodged no crew list"
    NOT_ANNOUNCED = "the ship is not announced"
    NO_PERMIT = "the ship has no permit"
    SHORT_NOTICE = "the ship was announced too late"
    WRONG_SHIP = "the ship's number is mistyped"
    WATCHED_PARTY = "a party is on the watch list"
    NO_CERTIFICATE = "goods that need a certificate name none"
    CERTIFICATE_AWAITED = "the certificate named has not been lodged"
    NO_LICENCE = "goods that need a licence name none"
    LICENCE_EXPIRED = "the licence has expired"
    NO_VALUE = "an item states no value"
    NO_CODE = "an item states no commodity code"
    NO_MASS = "an item states no mass"
    WRONG_COUNTRY = "a country code that does not exist"
    UNBELIEVABLE_VALUE = "a price far from what such goods cost"
    CLASS_D = "an enterprise of class D"
    UNREGISTERED = "an enterprise that is not registered"
    SUSPENDED = "an enterprise whose registration is suspended"


@dataclass(frozen=True, slots=True)
class Trait:
    """How a gap narrows the draw of its consignment, and who must act on it; an empty party means it is refused."""

    per_mille: float
    party: str
    direction: str = ""
    mode: str = ""
    paper: str = ""


TRAITS: dict[Gap, Trait] = {
    Gap.NO_MANIFEST: Trait(8, "carrier"),
    Gap.CONTAINER_NOT_MANIFESTED: Trait(2, "broker", mode="sea"),
    Gap.NOT_ARRIVED: Trait(7, "carrier or trader"),
    Gap.NOT_PLACED: Trait(3, "port"),
    Gap.PRE_LODGED: Trait(6, "carrier", "import", "sea"),
    Gap.PACKAGES_DIFFER: Trait(3, "port"),
    Gap.MASS_DIFFERS: Trait(6, "port"),
    Gap.PORT_HOLD: Trait(3, "port"),
    Gap.NO_CREW_LIST: Trait(4, "carrier", mode="sea"),
    Gap.NOT_ANNOUNCED: Trait(3, "carrier", mode="sea"),
    Gap.NO_PERMIT: Trait(2, "carrier", mode="sea"),
    Gap.SHORT_NOTICE: Trait(2, "border", "import", "sea"),
    Gap.WRONG_SHIP: Trait(2, "broker", mode="sea"),
    Gap.WATCHED_PARTY: Trait(3, "border"),
    Gap.NO_CERTIFICATE: Trait(6, "broker", "import", "sea", "certificate"),
    Gap.CERTIFICATE_AWAITED: Trait(4, "trader", "import", "sea", "certificate"),
    Gap.NO_LICENCE: Trait(4, "broker", "import", "sea", "licence"),
    Gap.LICENCE_EXPIRED: Trait(2, "", "import", "sea", "licence"),
    Gap.NO_VALUE: Trait(6, "broker"),
    Gap.NO_CODE: Trait(2, "broker"),
    Gap.NO_MASS: Trait(3, "broker"),
    Gap.WRONG_COUNTRY: Trait(2, "broker"),
    Gap.UNBELIEVABLE_VALUE: Trait(3, "customs"),
    Gap.CLASS_D: Trait(5, "customs"),
    Gap.UNREGISTERED: Trait(3, "trader"),
    Gap.SUSPENDED: Trait(1, "customs"),
}
NO_TRAIT = Trait(1000 - sum(trait.per_mille for trait in TRAITS.values()), "")
_ALL = Weighed([(gap, trait.per_mille) for gap, trait in {Gap.NONE: NO_TRAIT, **TRAITS}.items()])


def draw_gap(chance: random.Random) -> Gap:
    """A gap, mostly none."""
    return _ALL.draw(chance)


def trait(gap: Gap) -> Trait:
    """How the gap narrows the draw."""
    return TRAITS.get(gap, NO_TRAIT)
