"""Names of the contract's enums as people read them: without prefix."""

from datetime import UTC, datetime
from decimal import Decimal

import iso4217
from google.protobuf.timestamp_pb2 import Timestamp

from clearance.common.v1.decision_pb2 import Decision, Finding, Scope, Waiting
from clearance.gateway.v1.clearance_pb2 import Clearance


def state_name(state: int) -> str:
    """`RELEASED`; a state that this version does not know shows as its number."""
    return _short(Clearance.State, state, "STATE_")


def verdict_name(verdict: int) -> str:
    """`APPROVED`."""
    return _short(Decision.Verdict, verdict, "VERDICT_")


def action_name(action: int) -> str:
    """`SUPPLY_DOCUMENT`; empty where nothing is required."""
    return _short(Finding.RequiredAction, action, "REQUIRED_ACTION_") if action else ""


def waiting_kind_name(kind: int) -> str:
    """`person` or `machine`."""
    return _short(Waiting.Kind, kind, "KIND_").lower()


def amount(minor_units: int, currency_code: str) -> str:
    """`1234.50 CNY`, with as many decimals as the currency has; two where it is none of ISO 4217."""
    return f"{decimal_amount(minor_units, currency_code)} {currency_code}"


def decimal_amount(minor_units: int, currency_code: str) -> Decimal:
    """The same as a number."""
    try:
        decimals = iso4217.Currency(currency_code).exponent
    except ValueError:
        decimals = None
    return Decimal(minor_units).scaleb(-(2 if decimals is None else decimals))


def moment(time: Timestamp) -> datetime:
    """As an aware time."""
    return time.ToDatetime(tzinfo=UTC)


def clock(time: Timestamp) -> str:
    """Local time to the second."""
    return moment(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def scope_words(scope: Scope) -> str:
    """` items 1, 2 containers CSQU3054383`; empty for the whole."""
    items = f" items {', '.join(map(str, scope.item_numbers))}" if scope.item_numbers else ""
    containers = f" containers {', '.join(scope.container_numbers)}" if scope.container_numbers else ""
    return items + containers


def _short(enum: type, value: int, prefix: str) -> str:
    try:
        return str(enum.Name(value)).removeprefix(prefix)  # type: ignore[attr-defined]
    except ValueError:
        return str(value)
