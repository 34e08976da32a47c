"""Which schemes a consignment is entitled to; worked out once for each."""

from datetime import datetime

from customs.domain.consignment import ConsignmentView, DeclarationType
from customs.domain.facts import Enterprise, Facts
from customs.domain.rules.enterprise import is_in_force
from customs.domain.schemes import Effect, Frame, Scheme, greatest
from customs.domain.trader_number import NumberKind, number_kind


def entitled(view: ConsignmentView, facts: Facts, moment: datetime) -> tuple[Scheme, ...]:
    """The schemes that apply to what was accepted at `moment`, one for each effect; none for many."""
    if facts.schemes is None:
        facts.schemes = _entitled(view, facts, moment)
    return facts.schemes


def scheme_of(effect: Effect, view: ConsignmentView, facts: Facts, moment: datetime) -> Scheme | None:
    """The scheme of that effect, where there is one."""
    return next((scheme for scheme in entitled(view, facts, moment) if scheme.effect is effect), None)


def declared_ahead(view: ConsignmentView, facts: Facts, moment: datetime) -> bool:
    """Whether this is an import declared before its goods arrive, as far as its own declaration tells.

    Its first version is the declaration: an amendment after arrival takes nothing back.
    """
    if view.declaration_type != DeclarationType.PRE_LODGED or not view.is_import:
        return False
    return view.arrival_time is None or (facts.first_accept_time or moment) < view.arrival_time


def _entitled(view: ConsignmentView, facts: Facts, moment: datetime) -> tuple[Scheme, ...]:
    """No export owes duty by the schedule of this agency, so an export is free of duty (非涉税) as it stands; one that
    needs a licence is not waved through.
    """
    enterprise = facts.enterprise
    if enterprise is None or not is_in_force(enterprise, moment):
        return ()
    table = facts.reference.schemes
    found, asks_for_goods = table.fitting(
        Frame(
            enterprise.enterprise_class,
            view.direction,
            view.port_code,
            facts.codes_known and not facts.under_licence_control,
            _holds(enterprise.high_tech_until_time, moment),
            _holds(enterprise.networked_until_time, moment),
            enterprise.premises != "",
            division(enterprise) if table.asks_for_division else "",
            table.begun(moment),
        )
    )
    if asks_for_goods:
        return greatest([scheme for scheme in found if _goods_fit(table.terms[scheme].hs_prefixes, view)])
    return found


def _holds(until: datetime | None, moment: datetime) -> bool:
    return until is not None and moment <= until


def _goods_fit(prefixes: tuple[str, ...], view: ConsignmentView) -> bool:
    return not prefixes or all(item.code.startswith(prefixes) for item in view.items)


def division(enterprise: Enterprise) -> str:
    """Where an enterprise is registered: province and city of GB/T 2260; empty where its number is foreign.

    They begin a customs number and stand after the first two characters of a 统一社会信用代码.
    """
    number = enterprise.identifier
    kind = number_kind(number, "")
    return number[:4] if kind is NumberKind.CUSTOMS else number[2:6] if kind is NumberKind.UNIFIED else ""
