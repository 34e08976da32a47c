"""What is kept of partner districts."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import change, insert, run
from gateway.domain.partner import Standing
from gateway.storage.tables import partners

_SELECT = """
SELECT district, bundle, contract_version, gateway_version, reach_time, unreached_since, reason, bundle_fault
FROM partners
"""
_STAND = """
UPDATE partners SET contract_version = ?, gateway_version = ?, reach_time = ?, unreached_since = ?, reason = ?,
bundle_fault = ? WHERE district = ?
"""
# Never to an older one, whichever replica comes last.
_RENEW = "UPDATE partners SET bundle = ?, bundle_version = ? WHERE district = ? AND bundle_version < ?"
_COLUMNS = ("district", "bundle", "bundle_version", "bundle_fault", "gateway_version", "reason")


@dataclass(frozen=True, slots=True)
class KeptPartner:
    """`bundle` is the SignedTrustBundle as it came."""

    bundle: bytes
    standing: Standing


def load_partners(connection: Connection) -> dict[str, KeptPartner]:
    """By district."""
    rows = run(connection, _SELECT)
    return {district: KeptPartner(bytes(bundle), Standing(*standing)) for district, bundle, *standing in rows}


def keep_bundle(connection: Connection, district: str, bundle: bytes, version: int) -> None:
    """Keeps a bundle, of a partner that may be new, unless one of this version or a higher is kept."""
    insert(connection, partners, [(district, bundle, version, "", "", "")], "ignore", _COLUMNS)
    change(connection, _RENEW, (bundle, version, district, version))


def keep_standing(connection: Connection, district: str, standing: Standing) -> None:
    """Keeps how a known partner stands."""
    s = standing
    fields = (s.contract_version, s.gateway_version, s.reach_time, s.unreached_since, s.reason, s.bundle_fault)
    change(connection, _STAND, (*fields, district))
