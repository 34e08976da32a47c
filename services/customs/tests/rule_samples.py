"""What is changed in the sound consignment to break a rule of customs; see `judge` in conftest.py."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from agencykit.rules import RequiredAction, Verdict
from customs.domain.consignment import DeclarationType, Direction
from customs.domain.facts import Broker, Enterprise, EnterpriseClass, Licence
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import MILLION, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.risk.selection import Risk, Station
from customs.domain.risk.snapshot import Snapshot

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
YESTERDAY, TOMORROW = ACCEPTED - timedelta(days=1), ACCEPTED + timedelta(days=1)
TRADER, BROKER = "3302961234", "3104980001"
IMPORT = {"direction": Direction.IMPORT, "loading_time": None}
ASK, HOLD, REFUSE = Verdict.INFORMATION_REQUESTED, Verdict.HOLD, Verdict.REFUSED
Sample = dict[str, Any]


class Case(NamedTuple):
    """`sample` and `twin` are what is changed in the sound consignment; see `judge` in conftest.py."""

    rule_id: str
    effect: Verdict
    sample: Sample
    twin: Sample
    action: RequiredAction = RequiredAction.NONE


def enterprise(**changes: Any) -> Sample:
    return {"facts": {"enterprise": Enterprise(**({"identifier": TRADER, "enterprise_class": 2} | changes))}}


def broker(**changes: Any) -> Sample:
    return {"facts": {"broker": Broker(BROKER, **changes)}}


RED, YELLOW, BLUE = Lane.RED, Lane.YELLOW, Lane.BLUE


def selected(lane: Lane) -> Sample:
    """A profile by which every export is selected for this lane."""
    exports = Condition(directions=frozenset({Direction.EXPORT}))
    criterion = Criterion("R-7", 2, "出口", "exports", Concern.FRAUD, lane, MILLION, exports)
    profile = Profile("b7", "7", 0, 0, 24, 100, Throttle(40, 0), (criterion,))
    return {"facts": {"risk": Risk(Station(Matcher(profile), Snapshot(0), b"key"))}}


IMPORTED = {"view": {"direction": Direction.IMPORT, "loading_time": None}}


def of_class(number: int, high_tech_until: datetime | None = None, lane: Lane = RED, **changes: Any) -> Sample:
    """An enterprise of a class (1 is A), certified as high-tech until then, whose exports a criterion selects."""
    enterprise = Enterprise(TRADER, EnterpriseClass(number), high_tech_until_time=high_tech_until, **changes)
    return {"facts": selected(lane)["facts"] | {"enterprise": enterprise}}


def ahead(number: int, high_tech_until: datetime | None = None, **view: Any) -> Sample:
    """An import declared before it arrives tomorrow, by an enterprise of that class; at Beilun unless changed."""
    coming = IMPORTED["view"] | {"declaration_type": DeclarationType.PRE_LODGED, "arrival_time": TOMORROW}
    return of_class(number, high_tech_until) | {"view": coming | view}


NETWORKED = of_class(2, TOMORROW, YELLOW, networked_until_time=TOMORROW)
FRESH = {"item": {"code": "0702000000"}}
AT_HOME = of_class(2, TOMORROW, premises="宁波保税区扬帆路17号")


def scrap(**licence: Any) -> Sample:
    """An import of ferrous scrap, which needs a licence of code P; `licence` changes the good one in the register."""
    changed = {
        "number": "P-0404711",
        "type_code": "P",
        "holder_identifier": TRADER,
        "commodity_prefixes": ("7204",),
        "valid_until_time": TOMORROW,
    } | licence
    goods = {"code": "7204490090", "net_mass_kg": 20_000.0, "documents": (("P", "P-0404711"),)}
    return {"item": goods, "view": IMPORT, "facts": {"licences": {"P-0404711": Licence(**changed)}}}


def without(sample: Sample, part: str, **changes: Any) -> Sample:
    return sample | {part: sample.get(part, {}) | changes}


GOOD_LICENCE = scrap()
ARRIVED = {**IMPORT, "arrival_time": datetime(2004, 11, 1, 23, 0, tzinfo=UTC)}  # the 2nd in China: 20 days before
