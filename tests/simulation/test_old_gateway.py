"""A gateway is put back by hand, and nothing but what its partner keeps of its sheets shows it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from guaranteed import Guaranteed, rest
from keeping_touch import told
from simulated import CALL_SECONDS

from agencykit.backup import sqlite
from clearance.inspection.v1 import transfer_service_pb2 as transfers
from clearance.inspection.v1.certificate_service_pb2 import Certificate


def sheets(gateway: Path) -> list[Any]:
    with closing(sqlite3.connect(gateway)) as connection:
        return connection.execute("SELECT replica, number, sheet FROM head_sheets ORDER BY replica, number").fetchall()


def put_back(gateway: Path, copy: Path) -> None:
    with closing(sqlite3.connect(gateway)) as connection:
        # The first sheets are as they were; what is put back lacks those after.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sqlite.restore(gateway, copy)


async def something_happens(at: Guaranteed) -> None:
    """Inspection issues a certificate: its audit grows, and the gateway countersigns that."""
    certificate = Certificate(number=f"NB-{at.made}", kind=Certificate.KIND_ORIGIN_INSPECTION)
    at.made += 1
    request = transfers.IssueTransferRequest(
        request_id=at.district.runtime.ids.uuid(),
        certificate=certificate,
        destination_district="hangzhou",
        password="Beilun-28",
    )
    officer = at.district.transport("inspection", "operator/officer-inspection")
    method = "/clearance.inspection.v1.TransferService/IssueTransfer"
    await officer.unary(method, request, transfers.IssueTransferResponse, timeout_seconds=CALL_SECONDS)
    await rest(30)


def test_a_gateway_put_back_by_hand_is_found_by_its_own_signature_on_the_sheets_that_a_partner_keeps(
    tmp_path: Path,
) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        file, copy = ningbo.district.folder / "gateway.db", tmp_path / "copy.db"
        assert ningbo.district.restarted is not None
        await something_happens(ningbo)
        sqlite.save(file, copy)
        await something_happens(ningbo)
        signed = sheets(file)
        assert len(signed) > len(sheets(copy))
        await ningbo.district.restarted(lambda: put_back(file, copy))
        ningbo.district.reach(hangzhou.district)
        hangzhou.district.reach(ningbo.district)
        await rest(5)
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT cause, witness, chain, number FROM old_copies").fetchall()
        assert found == [("witnessed", "hangzhou", "1", signed[-1][1])]
        before = sheets(file)
        await rest(60)
        assert sheets(file) == before

    told(tmp_path, story, countersign_interval_ms=5000)
