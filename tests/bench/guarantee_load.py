"""Loads customs' ledger: `python guarantee_load.py STATE ACCOUNTS CALLS CALLERS` prints a JSON line of figures.

Enters ACCOUNTS guarantees that no limit stops, then holds a small amount for CALLS cases, CALLERS at a time, one hold
to a call: with one account all of them are of one hot account. Each call is acknowledged once it is durable; one
refusal ends the run.
"""

import asyncio
import json
import random
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import grpc
from figures import closed_loop
from stdnum import iso6346

from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_register_service_pb2 as reg
from clearance.customs.v1 import guarantee_register_service_pb2_grpc as reg_grpc
from clearance.customs.v1 import guarantee_service_pb2 as pb
from clearance.customs.v1 import guarantee_service_pb2_grpc as pb_grpc
from clearance.customs.v1.guarantee_pb2 import Guarantee, GuaranteeUseKey

HOLDER, LIMIT, ENTERED_AT_ONCE = "3302961234", 10**15, 64


def channel(state: Path, name: str) -> grpc.aio.Channel:
    endpoints = json.loads((state / "endpoints.json").read_text())
    ca, key, certificate = [(state / "pki" / file).read_bytes() for file in ("ca.pem", f"{name}.key", f"{name}.pem")]
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.aio.secure_channel(endpoints["services"]["customs"]["address"], credentials)


def numbers(count: int, run: str) -> list[str]:
    bodies = [f"04CN{run}{number:07}" for number in range(count)]
    return [body + iso6346.calc_check_digit(body) for body in bodies]


async def enter(state: Path, grns: list[str]) -> None:
    """Guarantees of a public body: no access code, any number of cases."""
    limit = Money(currency_code="CNY", minor_units=LIMIT)
    kind = Guarantee.TYPE_PUBLIC_BODY
    async with channel(state, "operator-officer-customs") as connection:
        register = reg_grpc.GuaranteeRegisterServiceStub(connection)
        for first in range(0, len(grns), ENTERED_AT_ONCE):
            entries = [
                reg.GuaranteeEntry(guarantee=Guarantee(grn=grn, type=kind, holder_identifier=HOLDER, limit=limit))
                for grn in grns[first : first + ENTERED_AT_ONCE]
            ]
            request = reg.RegisterGuaranteesRequest(request_id=str(uuid.uuid4()), entries=entries)
            await register.RegisterGuarantees(request, timeout=10)


async def load(state: Path, accounts: int, calls: int, callers: int) -> dict[str, Any]:
    run = f"{time.time_ns() // 1_000_000 % 100_000:05}"
    grns = numbers(accounts, run)
    await enter(state, grns)
    chosen = random.Random(accounts).choices(grns, k=calls)
    requests = [
        pb.HoldGuaranteesRequest(
            holds=[
                pb.GuaranteeHold(
                    key=GuaranteeUseKey(clearance_number=f"BENCH-{run}-{number}", generation=1),
                    amount=Money(currency_code="CNY", minor_units=100),
                    holder_identifier=HOLDER,
                    references=[pb.GuaranteeReference(grn=grn)],
                )
            ]
        )
        for number, grn in enumerate(chosen)
    ]
    async with channel(state, "gateway") as connection:
        ledger = pb_grpc.GuaranteeServiceStub(connection)

        async def hold(number: int) -> None:
            (answer,) = (await ledger.HoldGuarantees(requests[number], timeout=10)).answers
            if answer.HasField("error"):
                raise SystemExit(f"refused under load: {answer.error.message}")

        return await closed_loop(hold, calls, callers, 1)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    print(json.dumps(asyncio.run(load(Path(arguments[0]), *map(int, arguments[1:4])))))
