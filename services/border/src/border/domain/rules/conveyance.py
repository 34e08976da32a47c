"""The conveyance: named, announced, in time, with a right number and a known flag."""

from collections.abc import Iterable
from datetime import timedelta

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from border.domain.consignment import ConsignmentView, Direction, Mode
from border.domain.facts import Facts
from border.domain.identifiers import is_flight_number, is_ship_number, ship_check_digit


@rule(
    id="BOR-302",
    version=1,
    zh="未申报进出境运输工具的{missing}",
    en="The conveyance at the border is not named: {missing} missing",
    enough_zh="申报运输方式和运输工具编号(船舶 IMO 编号、航班号、车牌号)",
    enough_en="State the mode of transport and the conveyance's IMO number, flight number or registration",
    source="Border control of conveyances entering and leaving; default of this agency",
)
def conveyance_named(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Left out is not the same as none: an agency that cannot see the conveyance must not wave it through."""
    missing = [name for name, value in (("mode", view.mode), ("identification", view.conveyance)) if not value]
    if missing:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"missing": ", ".join(missing)},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
            awaited=(Awaited("broker"),),
        )


@rule(
    id="BOR-303",
    version=1,
    zh="运输工具 {call} 尚未预报{movement}",
    en="Call {call} is not announced ({movement})",
    enough_zh="承运人预报运输工具 {call}",
    enough_en="The carrier announces call {call}",
    source="Entry and exit formalities of vessels; Tongguan 4-domain, border and vessel",
)
def conveyance_announced(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """An arrival is no announcement of a departure: each call is announced in its own direction."""
    if view.conveyance and facts.announcement is None:
        movement = "ARRIVAL" if view.direction == Direction.IMPORT else "DEPARTURE"
        yield self.finding(
            Verdict.PENDING,
            parameters={"call": view.call, "movement": movement},
            awaited=(Awaited("carrier", "announcement", view.call),),
        )


@rule(
    id="BOR-304",
    version=1,
    zh="运输工具 {call} 预报仅提前 {given_hours} 小时,应提前 {due_hours} 小时:须登临检查",
    en="Call {call} was announced {given_hours} h ahead instead of {due_hours} h: it is boarded for inspection",
    enough_zh="至少提前 {due_hours} 小时预报",
    enough_en="An announcement at least {due_hours} h ahead",
    source="Report 24 h before arrival, exit formalities 4 h before departure; other modes: formalities.toml",
)
def announced_in_time(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Short notice costs an inspection, not the goods: nobody could supply the lost hours afterwards."""
    if facts.announcement is None:
        return
    arrives = view.direction == Direction.IMPORT
    due = facts.formalities.arrival_notice if arrives else facts.formalities.departure_notice
    given = facts.announcement.expected_time - facts.announcement.announce_time
    if given < due:
        yield self.finding(
            Verdict.EXAMINE,
            parameters={"call": view.call, "given_hours": _hours(given), "due_hours": _hours(due)},
            required_action=RequiredAction.PRESENT,
        )


@rule(
    id="BOR-305",
    version=1,
    zh="运输工具 {call} 的进境申请仅提前 {given_hours} 小时(应提前 {due_hours} 小时)",
    en="Call {call} applied for entry {given_hours} h ahead (due: {due_hours} h)",
    enough_zh="至少提前 {due_hours} 小时提出进境申请",
    enough_en="An application for entry at least {due_hours} h ahead",
    source="Entry application 7 days before the expected arrival",
)
def entry_applied_for(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark only: on short voyages the application cannot come a week ahead."""
    if facts.announcement is None or view.direction != Direction.IMPORT:
        return
    given = facts.announcement.expected_time - facts.announcement.announce_time
    due = facts.formalities.arrival_application
    if facts.formalities.arrival_notice <= given < due:
        parameters = {"call": view.call, "given_hours": _hours(given), "due_hours": _hours(due)}
        yield self.finding(Verdict.APPROVED, parameters=parameters)


@rule(
    id="BOR-306",
    version=1,
    zh="船舶 IMO 编号 {identification} 校验位错误,应为 {check_digit}",
    en="Ship number {identification} has a wrong check digit; it should be {check_digit}",
    enough_zh="更正船舶 IMO 编号",
    enough_en="Correct the IMO number of the ship",
    source="IMO ship identification number scheme, resolution A.1117(30)",
)
def ship_number_checks(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A mistyped ship is another ship: neither its crew nor its permit could be found."""
    if view.mode == Mode.SEA and is_ship_number(view.conveyance):
        right = ship_check_digit(view.conveyance)
        if right != int(view.conveyance[-1]):
            yield self.finding(
                Verdict.INFORMATION_REQUESTED,
                parameters={"identification": view.conveyance, "check_digit": str(right)},
                required_action=RequiredAction.SUPPLY_DOCUMENT,
                awaited=(Awaited("broker"),),
            )


@rule(
    id="BOR-307",
    version=1,
    zh="运输工具编号 {identification} 不是 {mode} 方式通常的形式",
    en="Identification {identification} is not in the form usual for {mode}",
    enough_zh="船舶用 7 位 IMO 编号,航空器用航班号",
    enough_en="A ship's 7-digit IMO number, an aircraft's flight number",
    source="UN/ECE Recommendation 28, codes for types of means of transport; default of this agency",
)
def identification_in_form(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark only: small ships have no IMO number, and some declare a name."""
    odd_ship = view.mode == Mode.SEA and not is_ship_number(view.conveyance)
    odd_flight = view.mode == Mode.AIR and not is_flight_number(view.conveyance)
    if view.conveyance and (odd_ship or odd_flight):
        parameters = {"identification": view.identification, "mode": Mode(view.mode).name}
        yield self.finding(Verdict.APPROVED, parameters=parameters)


@rule(
    id="BOR-308",
    version=1,
    zh="运输工具国籍代码 {country} 不在国家(地区)代码表内",
    en="Nationality {country} of the conveyance is not a known country code",
    enough_zh="使用 ISO 3166 两位字母代码",
    enough_en="An ISO 3166 alpha-2 code",
    source="ISO 3166-1; countries.csv",
)
def nationality_known(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark only: the announcement names the flag once more. A code left out is not odd."""
    if not facts.nationality_known:
        yield self.finding(Verdict.APPROVED, parameters={"country": view.nationality_code})


def _hours(period: timedelta) -> str:
    """Hours with at most one decimal, `23.5`; never rounded up to what is due."""
    tenths = period // timedelta(minutes=6)
    return f"{tenths / 10:g}"
