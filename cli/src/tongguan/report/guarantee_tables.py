"""Guarantees and their uses for clearances a row each, for a spreadsheet: amounts are numbers, the currency beside."""

from collections.abc import Iterable

from rich.table import Table

from clearance.common.v1.decision_pb2 import GuaranteeTerms
from clearance.customs.v1.guarantee_pb2 import Guarantee
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from tongguan.report.names import clock, decimal_amount
from tongguan.report.tables import table

_UNITS = ("available_units", "held_units", "confirmed_units", "shortfall_units", "claimed_units")


def guarantees_table(guarantees: Iterable[Guarantee]) -> Table:
    """What each is, and where its limit lies."""
    figures = ("limit", "available", "held", "confirmed", "short", "claimed")
    made = table("", "guarantee", "type", "holder", "state", "from", "until", "currency", *figures, numbers=figures)
    for each in guarantees:
        code = each.limit.currency_code
        units = (each.limit.minor_units, *(getattr(each, name) for name in _UNITS))
        made.add_row(
            each.grn,
            Guarantee.Type.Name(each.type).removeprefix("TYPE_").lower(),
            each.holder_identifier,
            Guarantee.State.Name(each.state).removeprefix("STATE_"),
            clock(each.valid_from_time),
            clock(each.valid_until_time) if each.HasField("valid_until_time") else "-",
            code,
            *(str(decimal_amount(unit, code)) for unit in units),
        )
    return made


def releases_table(releases: Iterable[GuaranteeRelease]) -> Table:
    """What was asked for a clearance, and how far it has come."""
    columns = (
        "clearance",
        "generation",
        "state",
        "amount",
        "currency",
        "for",
        "guarantees",
        "kept by",
        "asked",
        "ended",
    )
    made = table("", *columns, numbers=("generation", "amount"))
    for each in releases:
        code = each.amount.currency_code
        made.add_row(
            each.number,
            str(each.generation),
            GuaranteeRelease.State.Name(each.state).removeprefix("STATE_"),
            str(decimal_amount(each.amount.minor_units, code)),
            code,
            " ".join(GuaranteeTerms.Kind.Name(kind).removeprefix("KIND_").lower() for kind in each.kinds),
            " ".join(each.grns),
            each.home_district,
            clock(each.request_time),
            clock(each.end_time) if each.HasField("end_time") else "-",
        )
    return made
