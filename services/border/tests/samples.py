"""One consignment that passes every rule of border, and for each rule what is changed on it to be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agencykit.rules import Circumstances, RequiredAction, Rule, Verdict
from border.domain.consignment import ConsignmentView, DeclarationType, Direction, Mode
from border.domain.facts import Announcement, EntryFormalities, Facts, Formalities, Hit, Permit
from border.domain.rules import conveyance, crew_and_permit, dangerous_goods, entry, watch_list

ARRIVAL = datetime(2004, 6, 18, 6, tzinfo=UTC)
NOW = ARRIVAL - timedelta(hours=2)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CIRCUMSTANCES = Circumstances("310020040618AAAA", 1, "spiffe://ningbo.clearance/broker/3104980001", NOW, NOW)
SHIP_RULES = Formalities(DAY, 7 * DAY, 4 * HOUR, DAY, crew_list=True, permit=True, inspection=True)

GOOD_VIEW = ConsignmentView(
    direction=Direction.IMPORT,
    declaration_type=DeclarationType.STANDARD,
    mode=Mode.SEA,
    identification="IMO 9319466",
    conveyance="9319466",
    call="9319466/025W",
    nationality_code="PA",
    parties=("3302910123",),
    dangerous_goods=(),
)
GOOD_FACTS = Facts(
    formalities=SHIP_RULES,
    announcement=Announcement(ARRIVAL - 8 * DAY, ARRIVAL),
    crew_listed=True,
    permit=Permit(NOW - HOUR),
    inspected=True,
)
EXPORT = {"direction": Direction.EXPORT}
FLIGHT = {"mode": Mode.AIR, "identification": "CA 1947", "conveyance": "CA1947", "call": "CA1947/20040618"}


@dataclass(frozen=True)
class Sample:
    """What is changed on a consignment that passes everything, so that `rule` finds; and on its twin, that passes."""

    rule: Rule
    effect: Verdict
    view: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    twin_view: Mapping[str, Any] = field(default_factory=dict)
    twin_facts: Mapping[str, Any] = field(default_factory=dict)
    action: RequiredAction = RequiredAction.NONE
    waits_for: tuple[tuple[str, str, str], ...] = ()


def announced(ahead: timedelta, *dangerous_goods: str) -> dict[str, Any]:
    return {"announcement": Announcement(ARRIVAL - ahead, ARRIVAL, frozenset(dangerous_goods))}


SAMPLES = (
    Sample(
        conveyance.conveyance_named,
        Verdict.INFORMATION_REQUESTED,
        view={"mode": Mode.UNSPECIFIED, "identification": "", "conveyance": "", "call": "/025W"},
        facts={"formalities": Formalities(), "announcement": None},
        action=RequiredAction.SUPPLY_DOCUMENT,
        waits_for=(("broker", "", ""),),
    ),
    Sample(
        conveyance.conveyance_announced,
        Verdict.PENDING,
        facts={"announcement": None},
        twin_facts=announced(8 * DAY),
        waits_for=(("carrier", "announcement", "9319466/025W"),),
    ),
    Sample(
        conveyance.announced_in_time,
        Verdict.EXAMINE,
        facts=announced(DAY - MINUTE),
        twin_facts=announced(DAY),
        action=RequiredAction.PRESENT,
    ),
    Sample(
        conveyance.announced_in_time,
        Verdict.EXAMINE,
        view=EXPORT,
        facts=announced(4 * HOUR - MINUTE),
        twin_view=EXPORT,
        twin_facts=announced(4 * HOUR),
        action=RequiredAction.PRESENT,
    ),
    Sample(
        conveyance.entry_applied_for,
        Verdict.APPROVED,
        facts=announced(7 * DAY - MINUTE),
        twin_facts=announced(7 * DAY),
    ),
    Sample(
        conveyance.ship_number_checks,
        Verdict.INFORMATION_REQUESTED,
        view={"conveyance": "9319465", "call": "9319465/025W"},
        action=RequiredAction.SUPPLY_DOCUMENT,
        waits_for=(("broker", "", ""),),
    ),
    Sample(
        conveyance.identification_in_form,
        Verdict.APPROVED,
        view={"identification": "CSCL GLOBE", "conveyance": "CSCLGLOBE", "call": "CSCLGLOBE/025W"},
    ),
    Sample(
        conveyance.identification_in_form,
        Verdict.APPROVED,
        view=FLIGHT | {"identification": "4029072022", "conveyance": "4029072022"},
        twin_view=FLIGHT,
    ),
    Sample(
        conveyance.nationality_known,
        Verdict.APPROVED,
        view={"nationality_code": "QQ"},
        facts={"nationality_known": False},
    ),
    Sample(
        crew_and_permit.crew_listed,
        Verdict.PENDING,
        facts={"crew_listed": False},
        waits_for=(("carrier", "crew_list", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.permit_granted,
        Verdict.PENDING,
        facts={"permit": None},
        twin_facts={"permit": None, "formalities": replace(SHIP_RULES, permit=False)},
        waits_for=(("carrier", "permit", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.permit_stands,
        Verdict.REFUSED,
        view=EXPORT,
        facts={"permit": Permit(NOW - HOUR, revoked=True)},
        twin_view=EXPORT,
        action=RequiredAction.DO_NOT_LOAD,
    ),
    Sample(
        crew_and_permit.permit_stands,
        Verdict.REFUSED,
        facts={"permit": Permit(NOW - HOUR, revoked=True)},
        action=RequiredAction.RETURN,
    ),
    Sample(
        crew_and_permit.exit_permit_fresh,
        Verdict.PENDING,
        view=EXPORT,
        facts={"permit": Permit(NOW - DAY - MINUTE)},
        twin_view=EXPORT,
        twin_facts={"permit": Permit(NOW - DAY)},
        waits_for=(("carrier", "permit", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.exit_permit_fresh,
        Verdict.PENDING,
        view=EXPORT,
        facts={"permit": Permit(NOW - 3 * DAY, sail_time=NOW - DAY)},
        twin_view=EXPORT,
        twin_facts={"permit": Permit(NOW - 3 * DAY, sail_time=NOW - 3 * DAY + HOUR)},
        waits_for=(("carrier", "permit", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.exit_permit_lasts_until_loading,
        Verdict.APPROVED,
        view={**EXPORT, "load_time": NOW + DAY},
        twin_view={**EXPORT, "load_time": NOW + DAY - HOUR},
    ),
    Sample(
        entry.entry_completed,
        Verdict.PENDING,
        facts={"entry": EntryFormalities(NOW - DAY - MINUTE)},
        twin_facts={"entry": EntryFormalities(NOW - DAY)},
        waits_for=(("carrier", "entry_formalities", "9319466/025W"),),
    ),
    Sample(
        entry.entry_completed,
        Verdict.PENDING,
        facts={"entry": EntryFormalities(NOW - 3 * DAY)},
        twin_view=EXPORT,
        twin_facts={"entry": EntryFormalities(NOW - 3 * DAY)},
        waits_for=(("carrier", "entry_formalities", "9319466/025W"),),
    ),
    Sample(
        entry.entry_in_time,
        Verdict.EXAMINE,
        facts={"entry": EntryFormalities(NOW - 3 * DAY, NOW - 2 * DAY + MINUTE)},
        twin_facts={"entry": EntryFormalities(NOW - 3 * DAY, NOW - 2 * DAY)},
        action=RequiredAction.PRESENT,
    ),
    Sample(
        entry.entry_in_time,
        Verdict.EXAMINE,
        facts={"entry": EntryFormalities(NOW - 3 * DAY, NOW)},
        twin_facts={
            "entry": EntryFormalities(NOW - 3 * DAY, NOW),
            "formalities": replace(SHIP_RULES, entry_term=timedelta(0)),
        },
        action=RequiredAction.PRESENT,
    ),
    Sample(watch_list.conveyance_not_watched, Verdict.HOLD, facts={"conveyance_hits": (Hit("W-17", exact=True),)}),
    Sample(watch_list.conveyance_not_watched, Verdict.EXAMINE, facts={"conveyance_hits": (Hit("W-17", exact=False),)}),
    Sample(watch_list.parties_not_watched, Verdict.HOLD, facts={"party_hits": (Hit("W-18", exact=True),)}),
    Sample(
        crew_and_permit.inspected_on_arrival,
        Verdict.PENDING,
        facts={"inspected": None},
        twin_view=EXPORT,
        twin_facts={"inspected": None},
        waits_for=(("border", "inspection", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.inspected_on_arrival,
        Verdict.PENDING,
        facts={"inspected": False},
        twin_facts={"inspected": None, "formalities": replace(SHIP_RULES, inspection=False)},
        waits_for=(("border", "inspection", "9319466/025W"),),
    ),
    Sample(watch_list.passengers_not_watched, Verdict.HOLD, facts={"passenger_hits": (Hit("W-21", exact=True),)}),
    Sample(watch_list.passengers_not_watched, Verdict.EXAMINE, facts={"passenger_hits": (Hit("W-21", exact=False),)}),
    Sample(watch_list.crew_not_watched, Verdict.HOLD, facts={"crew_hits": (Hit("W-19", exact=True),)}),
    Sample(
        dangerous_goods.un_number_in_form,
        Verdict.APPROVED,
        view={"dangerous_goods": ((2, ("CLASS3",)),)},
        twin_view={"dangerous_goods": ((2, ("UN1263",)),)},
        twin_facts=announced(8 * DAY, "1263"),
    ),
    Sample(
        dangerous_goods.dangerous_goods_announced,
        Verdict.APPROVED_WITH_OBLIGATIONS,
        view={"dangerous_goods": ((2, ("UN1263",)),)},
        facts=announced(8 * DAY, "1950"),
        twin_view={"dangerous_goods": ((2, ("UN1263",)),)},
        twin_facts=announced(8 * DAY, "1263"),
        action=RequiredAction.SUPPLY_DOCUMENT,
    ),
)
