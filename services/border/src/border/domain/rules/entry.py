"""Entry formalities (进境手续) within their term after the conveyance has come."""

from collections.abc import Iterable
from datetime import datetime

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from border.domain.consignment import ConsignmentView, Direction
from border.domain.facts import Facts
from border.domain.terms import end_of

_SOURCE = "Entry formalities within 24 h after arrival; other modes: formalities.toml"


def due_time(facts: Facts) -> datetime | None:
    """When entry formalities that are not completed are due; None where none are, or they are completed."""
    entry, term = facts.entry, facts.formalities.entry_term
    return end_of(entry.arrive_time, term) if entry and term and entry.complete_time is None else None


@rule(
    id="BOR-316",
    version=1,
    zh="运输工具 {call} 未在 {due_time} 前办结进境手续",
    en="Entry formalities of call {call} were due by {due_time} and are not completed",
    enough_zh="承运人办结 {call} 的进境手续",
    enough_en="The carrier completes the entry formalities of call {call}",
    source=_SOURCE,
)
def entry_completed(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Until the term has passed goods need not wait for them; then whatever was approved gives way, but for goods that
    had left by then: their clearance is closed, and the term is the carrier's.
    """
    due = due_time(facts) if view.direction == Direction.IMPORT and not circumstances.closed else None
    if due is not None and circumstances.decide_time > due:
        yield self.finding(
            Verdict.PENDING,
            parameters={"call": view.call, "due_time": _minute(due)},
            awaited=(Awaited("carrier", "entry_formalities", view.call),),
        )


@rule(
    id="BOR-317",
    version=1,
    zh="运输工具 {call} 于 {complete_time} 办结进境手续,逾期(应在 {due_time} 前):须登临检查",
    en="Call {call} completed its entry formalities at {complete_time}, due by {due_time}: it is boarded",
    enough_zh="抵港后按期办结进境手续",
    enough_en="Entry formalities completed within the term after arrival",
    source=_SOURCE,
)
def entry_in_time(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """As short notice: the lost hours cannot be supplied afterwards, and an officer ends it by what he saw."""
    entry, term = facts.entry, facts.formalities.entry_term
    if (
        circumstances.closed
        or view.direction != Direction.IMPORT
        or not term
        or entry is None
        or entry.complete_time is None
    ):
        return
    due = end_of(entry.arrive_time, term)
    if entry.complete_time > due:
        yield self.finding(
            Verdict.EXAMINE,
            parameters={
                "call": view.call,
                "complete_time": _minute(entry.complete_time),
                "due_time": _minute(due),
            },
            required_action=RequiredAction.PRESENT,
        )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"
