"""How several licences, items and documents stand together."""

from datetime import UTC, datetime
from typing import Any

from agencykit.rules import Awaited, Verdict
from customs.domain.consignment import Direction
from customs.domain.facts import Licence

IMPORT = {"direction": Direction.IMPORT, "loading_time": None}
TRADER = "3302961234"
SCRAP: dict[str, Any] = {"code": "7204490090", "net_mass_kg": 20_000.0, "documents": (("P", "P-0404711"),)}
PAST = datetime(2003, 1, 1, tzinfo=UTC)


def licence(number: str = "P-0404711", **changes: Any) -> dict[str, Licence]:
    held = {"type_code": "P", "holder_identifier": TRADER, "commodity_prefixes": ("7204",)}
    return {number: Licence(number, **(held | changes))}


def rules_found(judge: Any, **changes: Any) -> list[str]:
    found = judge(view=IMPORT | changes.pop("view", {}), **changes)
    return [each.rule_id for each in found if each.rule_id.startswith("CUS-12")]


def test_a_licence_named_for_the_whole_consignment_counts_for_every_item(judge: Any) -> None:
    view = {"documents": (("P", "P-0404711"),)}
    items = [SCRAP | {"documents": ()}, SCRAP | {"documents": ()}]
    assert rules_found(judge, view=view, items=items, facts={"licences": licence()}) == []


def test_items_together_may_not_exceed_the_mass_of_their_licence(judge: Any) -> None:
    facts = {"licences": licence(limit_net_mass_kg=30_000.0)}
    assert rules_found(judge, items=[SCRAP], facts=facts) == []
    assert rules_found(judge, items=[SCRAP, SCRAP], facts=facts) == ["CUS-124"]


def test_one_good_licence_among_several_is_enough(judge: Any) -> None:
    both = SCRAP | {"documents": (("P", "P-0404711"), ("P", "P-0398200"))}
    held = licence() | licence("P-0398200", revoked=True)
    assert rules_found(judge, item=both, facts={"licences": held}) == []


def test_nothing_is_refused_while_a_licence_that_is_named_may_still_arrive(judge: Any) -> None:
    both = SCRAP | {"documents": (("P", "P-0404711"), ("P", "P-0398200"))}
    found = judge("CUS-122", view=IMPORT, item=both, facts={"licences": licence(valid_until_time=PAST)})
    assert [(each.effect, each.awaited) for each in found] == [
        (Verdict.PENDING, (Awaited("trader", "licence", "P-0398200"),))
    ]
    assert rules_found(judge, item=both, facts={"licences": licence(valid_until_time=PAST)}) == ["CUS-122"]


def test_each_item_may_have_a_licence_of_its_own(judge: Any) -> None:
    copper = {"code": "7404000010", "net_mass_kg": 500.0, "documents": (("P", "P-0404712"),)}
    held = licence() | licence("P-0404712", commodity_prefixes=("7404",))
    assert rules_found(judge, items=[SCRAP, copper], facts={"licences": held}) == []


def test_a_thousand_like_items_make_one_finding(judge: Any) -> None:
    found = judge("CUS-121", view=IMPORT, items=[SCRAP | {"documents": ()}] * 999)
    assert [each.parameters["items"] for each in found] == ["1-999"]
    assert len(found[0].item_numbers) == 999


def test_a_licence_without_goods_covers_none(judge: Any) -> None:
    assert rules_found(judge, item=SCRAP, facts={"licences": licence(commodity_prefixes=())}) == ["CUS-124"]


def test_the_rifle_needs_its_papers_both_ways(judge: Any) -> None:
    rifle = {"code": "93019000", "net_mass_kg": 90.0}
    assert rules_found(judge, item=rifle) == ["CUS-121"]
    assert [each.rule_id for each in judge("CUS-121", item=rifle)] == ["CUS-121"]
    named = rifle | {"documents": (("X002", "GBOIE920001-00002"),)}
    assert [each.effect for each in judge("CUS-122", item=named)] == [Verdict.PENDING]
