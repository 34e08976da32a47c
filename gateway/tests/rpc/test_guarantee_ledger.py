"""What the ledger is asked."""

import protovalidate

from gateway.domain.guarantee import GuaranteeRelease, ReleaseState, Terms
from gateway.operations.ledger import Hold, Named
from gateway.rpc.guarantee_ledger import hold_message

GRN, BROKER = "04CN3104000000296", "spiffe://ningbo.clearance/broker/3104980001"
ID = "0b1e8a52-6f0e-5f8e-9d3c-0d3a1c6c2004"


def test_codes_that_are_no_codes_of_the_harmonised_system_do_not_keep_goods_from_their_guarantee() -> None:
    release = GuaranteeRelease(
        "31002004000000000001", 1, ReleaseState.ASKED, Terms((), 9_050_000, "CNY"), (GRN,), "ningbo", BROKER, ID, 0
    )
    codes = ("0G23AB", "392690AB", "39269", "3926901234567", "丝", "", "392690")
    wanted = hold_message(Hold(release, [Named(GRN, "7Q4M")], "3302961284", "3104", codes))
    protovalidate.validate(wanted)
    assert list(wanted.commodity_codes) == ["392690", "39269", "3926901234"]
