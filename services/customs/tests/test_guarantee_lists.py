"""Officers find the guarantees that fall short, and the claims that nobody has paid in time."""

from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.refusals import PageTokenInvalid
from agencykit.retention.rounds import due
from agencykit.storage.rows import run
from clearance.customs.v1 import guarantee_register_service_pb2 as reg
from customs.operations.guarantee_lists import ClaimPlace, list_claims
from customs.storage.retention import KEEPING

from .guarantees import CASH, COMPREHENSIVE, HOLDER, LIMIT, OTHER, Desk, hold, key

DUE = 1_100_000_000_000_000
CLAIMS = ["00000000-0000-4000-8000-00000000000" + digit for digit in "123"]


async def guarantees(desk: Desk, **asked: Any) -> reg.ListGuaranteesResponse:
    request = reg.ListGuaranteesRequest(**asked)
    found: reg.ListGuaranteesResponse = await desk.officer("ListGuarantees", request, reg.ListGuaranteesResponse)
    return found


async def claims(desk: Desk, **asked: Any) -> reg.ListGuaranteeClaimsResponse:
    request, response = reg.ListGuaranteeClaimsRequest(**asked), reg.ListGuaranteeClaimsResponse
    found: reg.ListGuaranteeClaimsResponse = await desk.officer("ListGuaranteeClaims", request, response)
    return found


async def test_guarantees_come_by_number_and_page_of_one_holder_or_of_all(desk: Desk) -> None:
    await desk.enter(OTHER, LIMIT)
    first = await guarantees(desk, holder_identifier=f" {HOLDER} ", page_size=1)
    second = await guarantees(desk, holder_identifier=HOLDER, page_size=1, page_token=first.next_page_token)
    assert [each.grn for page in (first, second) for each in page.guarantees] == [OTHER, COMPREHENSIVE]
    assert len((await guarantees(desk)).guarantees) == 2
    assert not (await guarantees(desk, holder_identifier="9999999999")).guarantees


async def test_only_a_guarantee_below_what_is_in_use_is_listed_as_short(desk: Desk) -> None:
    await desk.enter(OTHER, LIMIT)
    await desk.hold(hold(400_000))
    await desk.confirm(key())
    await desk.change(COMPREHENSIVE, limit_units=100_000)
    (short,) = (await guarantees(desk, short_only=True)).guarantees
    assert (short.grn, short.shortfall_units) == (COMPREHENSIVE, 300_000)


async def test_a_claim_is_open_until_it_is_settled(desk: Desk) -> None:
    await desk.hold(hold(400_000))
    await desk.confirm(key())
    for claim_id, units in zip(CLAIMS, (1, 2, 3), strict=True):
        await desk.claim(key(), units, claim_id)
    first = await claims(desk, page_size=2)
    second = await claims(desk, page_size=2, page_token=first.next_page_token)
    assert sorted(each.units for page in (first, second) for each in page.claims) == [1, 2, 3]
    settled = reg.SettleClaimRequest.SETTLEMENT_PAID
    request = reg.SettleClaimRequest(request_id=CLAIMS[0], claim_id=CLAIMS[1], settlement=settled)
    await desk.officer("SettleClaim", request, reg.SettleClaimResponse)
    assert sorted(each.units for each in (await claims(desk, open_only=True)).claims) == [1, 3]
    assert not (await claims(desk, overdue_only=True)).claims
    assert not (await claims(desk, grn=CASH)).claims


@pytest.mark.parametrize("token", ["x", "1/2/3", f"1/{CLAIMS[0]}/", f"-1/{CLAIMS[0]}/0"])
async def test_a_page_token_of_another_making_is_refused(desk: Desk, token: str) -> None:
    with pytest.raises(PageTokenInvalid):
        await claims(desk, page_token=token)


def test_a_clearance_is_not_purged_while_a_claim_of_it_is_open(connection: Connection) -> None:
    """What was claimed is no longer in use, and its guarantor has not paid yet."""
    (clearances,) = KEEPING.subjects
    case = ("NBG1", 1, 1, b"", b"", "customs/1", 1, "", None, 0, 1, 5, None)
    run(connection, f"INSERT INTO cases VALUES ({', '.join('?' * len(case))})", case)
    assert due(connection, clearances, 9, None, 9) == [("NBG1",)]
    claim = (CLAIMS[0], 0, CASH, "ningbo", "NBG1", 1, 5, 0, 1, 1, DUE, None)
    run(connection, f"INSERT INTO guarantee_claims VALUES ({', '.join('?' * len(claim))})", claim)
    assert due(connection, clearances, 9, None, 9) == []
    run(connection, "UPDATE guarantee_claims SET state = 2")
    assert due(connection, clearances, 9, None, 9) == [("NBG1",)], "once it is paid"


def test_open_claims_are_overdue_after_their_time_and_not_at_it(connection: Connection) -> None:
    for place, state in enumerate((1, 1, 2)):
        due = (CLAIMS[place], 0, CASH, "ningbo", "NBG1", 1, 5, 0, state, 1, DUE - place, None)
        run(connection, f"INSERT INTO guarantee_claims VALUES ({', '.join('?' * len(due))})", due)
    found = [[row[0] for row in list_claims(connection, "", False, DUE + late, ClaimPlace(), 9)] for late in (-1, 0, 1)]
    assert found == [[], [CLAIMS[1]], [CLAIMS[1], CLAIMS[0]]]
