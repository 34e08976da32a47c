"""Where an agency's logs end, as it tells its gateway, and the keys with which it ever signed."""

from sqlalchemy import Connection

from agencykit.audit.sealing import seal_audit
from agencykit.decisions import tables
from agencykit.evidence.sheets import AUDIT, DECISIONS, Head
from agencykit.storage.rows import insert, run


def sealed_heads(connection: Connection, agency: str, now: int) -> list[Head]:
    """Chains what the audit holds anew, and returns the ends of all logs that hold something."""
    end = seal_audit(connection, tables.audit, tables.audit_pages, now)
    found = run(connection, "SELECT log, sequence, head FROM logs WHERE sequence > 0 ORDER BY log")
    heads = [Head(DECISIONS, log, sequence, bytes(head)) for log, sequence, head in found]
    return [*heads, Head(AUDIT, agency, end.sequence, end.head)] if end.sequence else heads


def keep_own_key(connection: Connection, key_id: bytes, certificate: bytes, now: int) -> list[bytes]:
    """Keeps the certificate by which this process signs; returns all that were kept, newest first.

    What an old key signed is told again as it was signed, and whoever follows must be able to verify it.
    """
    insert(connection, tables.signing_keys, [(key_id, certificate, now)], "ignore")
    rows = run(connection, "SELECT certificate FROM signing_keys ORDER BY create_time DESC, key_id")
    kept = [bytes(row[0]) for row in rows]
    return [certificate, *[each for each in kept if each != certificate]]
