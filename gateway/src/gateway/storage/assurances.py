"""What each agency has receipted of how far it was told everything, and who is being told again all that stands.

An agency of which an old copy was put back has lost orders that it receipted, and maybe the word that it had them. So
the gateway remembers the word; whoever does not know it is told everything again, and until then no word counts.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from agencykit.storage.rows import run, run_many
from gateway.domain.identifiers import Micros

_KEEP = """
INSERT INTO assurances (agency, receipted_time) VALUES (?, ?)
ON CONFLICT (agency) DO UPDATE SET receipted_time = excluded.receipted_time
WHERE assurances.retold IS NULL AND coalesce(assurances.receipted_time, 0) < excluded.receipted_time
"""
_BEGIN = """
INSERT INTO assurances (agency, retold) VALUES (?, '')
ON CONFLICT (agency) DO UPDATE SET receipted_time = NULL, retold = ''
"""
# On condition of where it stood: it may have begun anew.
_MOVE = "UPDATE assurances SET retold = ? WHERE agency = ? AND retold = ?"


def receipted_times(connection: Connection) -> dict[str, Micros]:
    """For each agency that has receipted a word that counts: the newest."""
    return dict(run(connection, "SELECT agency, receipted_time FROM assurances WHERE receipted_time IS NOT NULL"))


def keep_receipted(connection: Connection, moments: Mapping[str, Micros]) -> None:
    """Keeps what agencies have receipted. A word told before an agency began to be told again counts for nothing."""
    run_many(connection, _KEEP, sorted(moments.items()))


def begin_retelling(connection: Connection, agencies: Iterable[str]) -> None:
    """These are to be told again from the first case on; what they have receipted counts no more."""
    run_many(connection, _BEGIN, [(agency,) for agency in sorted(agencies)])


def being_retold(connection: Connection) -> dict[str, str]:
    """For each agency that is being told again: up to which number it was."""
    return dict(run(connection, "SELECT agency, retold FROM assurances WHERE retold IS NOT NULL"))


def move_retelling(connection: Connection, agency: str, before: str, after: str | None) -> None:
    """It was told again up to here; None: of everything, and has receipted it."""
    run_many(connection, _MOVE, [(after, agency, before)])
