"""A hold is refused by the reason that stands against it, and nothing changes."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.refusals import (
    FormInvalid,
    GuaranteeAccessDenied,
    GuaranteeCommodityMismatch,
    GuaranteeCurrencyMismatch,
    GuaranteeGoodsRestricted,
    GuaranteeHolderMismatch,
    GuaranteeInsufficient,
    GuaranteeNotValid,
    GuaranteeNotValidHere,
    GuaranteeOfficeMismatch,
    GuaranteeTypeMismatch,
    GuaranteeUnknown,
    Refusal,
)
from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_pb2 as g
from clearance.customs.v1 import guarantee_register_service_pb2 as reg
from clearance.customs.v1 import guarantee_service_pb2 as pb

from .guarantees import COMPREHENSIVE, HOLDER, LIMIT, OTHER, Desk, balances, hold, states

MOST = 2**63 - 1


def day(text: str) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.fromisoformat(text))
    return stamp


REFUSED: dict[str, tuple[pb.GuaranteeHold, type[Refusal]]] = {
    "amount of 0": (hold(0), FormInvalid),
    "negative amount": (hold(-1), FormInvalid),
    "most that an amount can be": (hold(MOST), GuaranteeInsufficient),
    "other currency": (hold(1, amount=Money(currency_code="USD", minor_units=1)), GuaranteeCurrencyMismatch),
    "no currency": (hold(1, amount=Money(currency_code="yuan", minor_units=1)), FormInvalid),
    "unknown guarantee": (hold(1, OTHER), GuaranteeUnknown),
    "wrong access code": (hold(1, code="7Q4N"), GuaranteeAccessDenied),
    "no access code": (hold(1, code=""), GuaranteeAccessDenied),
    "other holder": (hold(1, holder_identifier="3302969999"), GuaranteeHolderMismatch),
    "the same guarantee twice": (hold(1, COMPREHENSIVE, COMPREHENSIVE), FormInvalid),
    "not registered for the scheme": (hold(1, granted_by_scheme=True), GuaranteeAccessDenied),
    "other type": (
        hold(
            1,
            references=[pb.GuaranteeReference(grn=COMPREHENSIVE, access_code="7Q4M", type=g.Guarantee.TYPE_WAIVER)],
        ),
        GuaranteeTypeMismatch,
    ),
    "more than there is": (hold(LIMIT + 1), GuaranteeInsufficient),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_hold_is_refused_by_its_own_reason_and_nothing_changes(desk: Desk, what: str) -> None:
    asked, reason = REFUSED[what]
    (answer,) = await desk.hold(asked)
    assert type(answer) is reason
    assert await balances(desk) == (LIMIT, LIMIT, 0, 0)
    assert states(await desk.hold(hold(LIMIT))) == ["HELD"]


TERMS: dict[str, tuple[dict[str, Any], dict[str, Any], type[Refusal]]] = {
    "district": ({"districts": ["hangzhou"]}, {}, GuaranteeNotValidHere),
    "office": ({"customs_office_codes": ["3104"]}, {"customs_office_code": "3101"}, GuaranteeOfficeMismatch),
    "goods": ({"excludes_suspended_goods": True}, {"suspended_goods": True}, GuaranteeGoodsRestricted),
    "commodity": (
        {"excluded_commodity_prefixes": ["2402"]},
        {"commodity_codes": ["73181631", "24022000"]},
        GuaranteeCommodityMismatch,
    ),
    "not yet valid": ({"valid_from_time": day("2100-01-01T00:00:00")}, {}, GuaranteeNotValid),
    "expired": (
        {"valid_from_time": day("2004-01-01T00:00:00"), "valid_until_time": day("2005-01-01T00:00:00")},
        {},
        GuaranteeNotValid,
    ),
}


@pytest.mark.parametrize("what", TERMS)
async def test_a_guarantee_stands_for_what_its_terms_say_and_no_more(desk: Desk, what: str) -> None:
    terms, asked, reason = TERMS[what]
    await desk.enter(OTHER, LIMIT, **terms)
    (refused,) = await desk.hold(hold(1, OTHER, **asked))
    assert type(refused) is reason
    # Its near twin, without these terms, stands for the same.
    assert states(await desk.hold(hold(1, **asked))) == ["HELD"]


async def test_an_entry_with_several_faults_is_refused_with_all_of_them(desk: Desk) -> None:
    entry = reg.GuaranteeEntry(
        guarantee=g.Guarantee(
            grn=OTHER[:-1] + "9",
            type=g.Guarantee.TYPE_VOUCHER,
            holder_identifier=HOLDER,
            limit=Money(currency_code="CN", minor_units=-1),
            valid_from_time=day("2005-01-01T00:00:00"),
            valid_until_time=day("2004-01-01T00:00:00"),
            for_scheme=True,
        )
    )
    request = reg.RegisterGuaranteesRequest(request_id=str(uuid.uuid4()), entries=[entry])
    with pytest.raises(FormInvalid) as refused:
        await desk.officer("RegisterGuarantees", request, reg.RegisterGuaranteesResponse)
    assert sorted(violation.path for violation in refused.value.violations) == [
        "entries[0].access_code",
        "entries[0].guarantee.for_scheme",
        "entries[0].guarantee.grn",
        "entries[0].guarantee.grn",
        "entries[0].guarantee.limit.currency_code",
        "entries[0].guarantee.limit.minor_units",
        "entries[0].guarantee.valid_until_time",
    ]
