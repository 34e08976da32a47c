"""How much of a certificate is used, and by which clearances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from inspection.storage.tables import certificate_balances, certificates, write_offs

MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class CertificateUse:
    """A row of `certificates`, the grams written off in all, and the newest entries, newest first."""

    certificate: Row[Any]
    used_grams: int
    entries: Sequence[Row[Any]]


def certificate_use(connection: Connection, number: str) -> CertificateUse | None:
    """None where no such certificate is lodged."""
    certificate = connection.execute(select(certificates).where(certificates.c.number == number)).one_or_none()
    if certificate is None:
        return None
    balance = certificate_balances.c
    used = connection.scalar(select(balance.used_grams).where(balance.number == number))
    newest = (
        select(write_offs)
        .where(write_offs.c.certificate_number == number)
        .order_by(write_offs.c.write_time.desc(), write_offs.c.clearance_number, write_offs.c.entry.desc())
        .limit(MOST_ENTRIES)
    )
    return CertificateUse(certificate, used or 0, connection.execute(newest).all())
