"""What a simulated district's gateway has set aside, as the port office sees it, and having it tried again."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from simulated import CALL_SECONDS, SimulatedDistrict

from clearance.gateway.v1 import quarantine_service_pb2 as pb

SERVICE = "/clearance.gateway.v1.QuarantineService/"


async def aside(district: SimulatedDistrict, **fields: Any) -> list[pb.QuarantinedItem]:
    """Items, the oldest first."""
    office = district.transport("gateway", "operator/port-office")
    request, answer = pb.ListQuarantinedItemsRequest(**fields), pb.ListQuarantinedItemsResponse
    told = await office.unary(f"{SERVICE}ListQuarantinedItems", request, answer, timeout_seconds=CALL_SECONDS)
    return list(told.items)


async def requeue(district: SimulatedDistrict, kind: int) -> int:
    """Has all of a kind tried again; how many."""
    office, said = district.transport("gateway", "operator/port-office"), {"reason": "已修复"}
    request = pb.RequeueQuarantinedItemsRequest(request_id=str(uuid4()), kind=kind, **said)  # type: ignore[arg-type]
    answer = pb.RequeueQuarantinedItemsResponse
    told = await office.unary(f"{SERVICE}RequeueQuarantinedItems", request, answer, timeout_seconds=CALL_SECONDS)
    return len(told.items)


def changed(folder: Path, district: str, column: str, row: str, value: str) -> str:
    """Changes one value of a row (`cases WHERE …`) in a gateway's database; returns what it was."""
    table = row.partition(" ")[0]
    with closing(sqlite3.connect(folder / district / "gateway.db")) as database, database:
        [(before,)] = database.execute(f"SELECT {column} FROM {row}").fetchall()
        database.execute(f"UPDATE {table} SET {column} = ? {row.removeprefix(table)}", (value,))
    return str(before)
