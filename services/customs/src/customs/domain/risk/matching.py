"""Which criteria a consignment meets.

Most meet none, and that must cost next to nothing: what hangs on few values (trade mode, class, area; code and origin
of an item) is worked out once for each combination. Only unit values are worked out for each consignment.
"""

from datetime import datetime
from typing import TypeVar

from customs.domain.consignment import ConsignmentView, Item
from customs.domain.facts import Facts
from customs.domain.risk.profile import Condition, Criterion, Profile
from customs.domain.valuation import customs_values

REMEMBERED = 20_000
Frame = tuple[int, str, str, str, int | None]
"""Direction, trade mode, enterprise class, special area, broker quality."""
Key = TypeVar("Key")
Value = TypeVar("Value")


class Matcher:
    """The criteria of one profile, ready to be asked."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._by_frame: dict[Frame, tuple[frozenset[Criterion], frozenset[Criterion]]] = {}
        self._by_goods: dict[tuple[str, str], frozenset[Criterion]] = {}

    def met(self, view: ConsignmentView, facts: Facts, moment: datetime) -> list[Criterion]:
        """The criteria met, in the profile's order."""
        anywhere, of_goods = self._framed(view, facts)
        found = set(anywhere)
        if of_goods:
            for place, item in enumerate(view.items):
                goods = self._by_goods.get((item.code, item.origin_country_code))
                if goods is None:
                    goods = self._goods(item)
                for criterion in (goods & of_goods) - found if goods else ():
                    if not criterion.when.asks_for_value or _value_fits(criterion.when, view, facts, place, moment):
                        found.add(criterion)
        return [criterion for criterion in self.profile.criteria if criterion in found] if found else []

    def _framed(self, view: ConsignmentView, facts: Facts) -> tuple[frozenset[Criterion], frozenset[Criterion]]:
        """Those whose conditions on the consignment as a whole hold: those that ask for no more, and those of goods."""
        enterprise_class = facts.enterprise.enterprise_class.name if facts.enterprise else ""
        quality = facts.broker.quality_percent if facts.broker else None
        key = (view.direction, view.trade_mode_code, enterprise_class, view.special_area_code, quality)
        known = self._by_frame.get(key)
        if known is None:
            fitting = [one for one in self.profile.criteria if _frame_fits(one.when, *key)]
            known = (
                frozenset([one for one in fitting if not one.when.asks_for_goods]),
                frozenset([one for one in fitting if one.when.asks_for_goods]),
            )
            _remember(self._by_frame, key, known)
        return known

    def _goods(self, item: Item) -> frozenset[Criterion]:
        """Those whose conditions on code and origin hold for the item."""
        key = (item.code, item.origin_country_code)
        known = frozenset(
            [one for one in self.profile.criteria if one.when.asks_for_goods and _goods_fit(one.when, *key)]
        )
        _remember(self._by_goods, key, known)
        return known


def _remember(memory: dict[Key, Value], key: Key, value: Value) -> None:
    if len(memory) >= REMEMBERED:
        memory.clear()
    memory[key] = value


def _frame_fits(
    when: Condition, direction: int, trade_mode: str, enterprise_class: str, area: str, quality: int | None
) -> bool:
    return (
        (not when.directions or direction in when.directions)
        and (not when.trade_modes or trade_mode in when.trade_modes)
        and (not when.enterprise_classes or enterprise_class in when.enterprise_classes)
        and (not when.special_areas or area in when.special_areas or ("*" in when.special_areas and bool(area)))
        and (when.broker_quality_below is None or (quality is not None and quality < when.broker_quality_below))
    )


def _goods_fit(when: Condition, code: str, origin: str) -> bool:
    return (not when.hs_prefixes or code.startswith(when.hs_prefixes)) and (not when.origins or origin in when.origins)


def _value_fits(when: Condition, view: ConsignmentView, facts: Facts, place: int, moment: datetime) -> bool:
    """An item without value or net mass has no unit value, and other rules ask for it."""
    fen, net = facts.once(customs_values, view, moment)[place], view.items[place].net_mass_kg
    if fen is None or not net:
        return False
    cny_per_kg = fen / net / 100
    low, high = when.cny_per_kg_above, when.cny_per_kg_below
    return (low is None or cny_per_kg > low) and (high is None or cny_per_kg < high)
