"""How registers are used: what is left of a certificate, how often an exemption was checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, Row, cast, func, select

from inspection.storage.tables import certificate_balances, certificates, exemptions, spot_checks, write_offs

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


@dataclass(frozen=True, slots=True)
class ExemptionUse:
    """A row of `exemptions`, and how many consignments it excused, of these checked, of these failed."""

    exemption: Row[Any]
    used: int
    checked: int
    failed: int


def exemption_use(connection: Connection, number: str) -> ExemptionUse | None:
    """None where no such exemption is registered."""
    exemption = connection.execute(select(exemptions).where(exemptions.c.number == number)).one_or_none()
    if exemption is None:
        return None
    drawn = spot_checks.c
    counts = select(
        func.count(),
        func.coalesce(func.sum(cast(drawn.checked, Integer)), 0),
        func.coalesce(func.sum(cast(drawn.failed, Integer)), 0),
    ).where(drawn.exemption_number == number)
    used, checked, failed = connection.execute(counts).one()
    return ExemptionUse(exemption, used, int(checked), int(failed))
