"""Crew list and permits of the call."""

from collections.abc import Iterable
from datetime import timedelta

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from border.domain.consignment import ConsignmentView, Direction
from border.domain.facts import Facts
from border.domain.terms import end_of

EXIT_PERMIT_VALIDITY = timedelta(hours=24)


@rule(
    id="BOR-311",
    version=1,
    zh="运输工具 {call} 未提交船员(机组)名单",
    en="No crew list is lodged for call {call}",
    enough_zh="承运人提交 {call} 的船员(机组)名单",
    enough_en="The carrier lodges the crew list of call {call}",
    source="Crew and passenger lists; formalities.toml names the modes",
)
def crew_listed(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if facts.formalities.crew_list and view.conveyance and not facts.crew_listed:
        awaited = (Awaited("carrier", "crew_list", view.call),)
        yield self.finding(Verdict.PENDING, parameters={"call": view.call}, awaited=awaited)


@rule(
    id="BOR-312",
    version=1,
    zh="运输工具 {call} 尚无进(出)境许可",
    en="No permit of entry or exit is granted for call {call}",
    enough_zh="承运人取得 {call} 的进(出)境许可",
    enough_en="The carrier obtains the permit of call {call}",
    source="No boarding or unloading before inspection; formalities.toml names the modes",
)
def permit_granted(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if facts.formalities.permit and view.conveyance and facts.permit is None:
        awaited = (Awaited("carrier", "permit", view.call),)
        yield self.finding(Verdict.PENDING, parameters={"call": view.call}, awaited=awaited)


@rule(
    id="BOR-315",
    version=1,
    zh="运输工具 {call} 抵港后{state},不得登轮和卸货",
    en="Nobody boards and nothing is unloaded: call {call} {state} on arrival",
    enough_zh="边检对 {call} 抵港检查并予通过",
    enough_en="Border inspects call {call} on arrival, and passes it",
    source="No boarding or unloading before inspection; formalities.toml names the modes",
)
def inspected_on_arrival(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Goods that leave are not unloaded; those that come wait for the record of the inspection."""
    due = facts.formalities.inspection and view.conveyance and view.direction == Direction.IMPORT
    if due and not facts.inspected:
        state = "is not inspected" if facts.inspected is None else "did not pass its inspection"
        awaited = (Awaited("border", "inspection", view.call),)
        yield self.finding(Verdict.PENDING, parameters={"call": view.call, "state": state}, awaited=awaited)


@rule(
    id="BOR-313",
    version=1,
    zh="运输工具 {call} 的进(出)境许可已撤销",
    en="The permit of call {call} is revoked",
    enough_zh="改用持有有效许可的运输工具",
    enough_en="Another conveyance, with a permit that stands",
    source="Permits of entry and exit; default of this agency",
)
def permit_stands(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Goods not yet aboard are not loaded; goods that came with the conveyance leave with it."""
    if facts.permit is not None and facts.permit.revoked:
        action = RequiredAction.DO_NOT_LOAD if view.direction == Direction.EXPORT else RequiredAction.RETURN
        yield self.finding(Verdict.REFUSED, parameters={"call": view.call}, required_action=action)


@rule(
    id="BOR-314",
    version=1,
    zh="运输工具 {call} 的出境许可签发后 24 小时内未开航,已失效(失效时间 {void_time})",
    en="The exit permit of call {call} is void since {void_time}: the ship had not sailed 24 h after it was granted",
    enough_zh="承运人重新取得 {call} 的出境许可",
    enough_en="The carrier obtains a new exit permit for call {call}",
    source="An exit permit is void if the ship has not sailed within 24 h",
)
def exit_permit_fresh(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Judged at the moment of deciding, or of sailing where that is known."""
    permit = facts.permit
    if view.direction != Direction.EXPORT or permit is None or permit.revoked:
        return
    void_time = end_of(permit.grant_time, EXIT_PERMIT_VALIDITY)
    if (permit.sail_time or circumstances.decide_time) > void_time:
        yield self.finding(
            Verdict.PENDING,
            parameters={"call": view.call, "void_time": f"{void_time:%Y-%m-%dT%H:%MZ}"},
            awaited=(Awaited("carrier", "permit", view.call),),
        )


@rule(
    id="BOR-318",
    version=1,
    zh="预告:{call} 的出境许可将于 {void_time} 失效,货物申报于 {load_time} 装船;届时须重新取得许可(BOR-314)",
    en="Foreseen: the exit permit of call {call} is void at {void_time}, and loading is declared for {load_time}; "
    "a new one is needed by then (BOR-314)",
    enough_zh="承运人在装船前 24 小时内取得 {call} 的出境许可",
    enough_en="An exit permit of call {call} that is granted less than 24 h before it sails",
    source="An exit permit is void if the ship has not sailed within 24 h",
)
def exit_permit_lasts_until_loading(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Advice, not a decision: the permit is good now."""
    permit, load_time = facts.permit, view.load_time
    if load_time is None or view.direction != Direction.EXPORT or permit is None or permit.revoked:
        return
    void_time = end_of(permit.grant_time, EXIT_PERMIT_VALIDITY)
    if permit.sail_time is None and circumstances.decide_time <= void_time < load_time:
        times = {"void_time": void_time, "load_time": load_time}
        told = {name: f"{moment:%Y-%m-%dT%H:%MZ}" for name, moment in times.items()}
        yield self.finding(Verdict.APPROVED, parameters={"call": view.call, **told}, foreseen=True)
