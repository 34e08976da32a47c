"""Access codes of guarantees: kept as salted hashes, proved off the event loop, and then remembered for a while."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from agencykit.runtime import Runtime
from agencykit.storage import Database
from customs.storage.guarantees import load_accounts

SALT_BYTES = 16
REMEMBERED = 10_000
# A few milliseconds: the codes are short by their nature, so no cost would stand in for who may call.
_SCRYPT = {"n": 2**10, "r": 8, "p": 1, "dklen": 32}

Named = tuple[str, str]
"""GRN and access code."""


def access_hash(code: str, salt: bytes) -> bytes:
    """scrypt of an access code. Takes a while: never on the event loop, never inside a transaction."""
    return hashlib.scrypt(code.encode(), salt=salt, **_SCRYPT)


class AccessCodes:
    """Hashes of what callers name. Neither a code nor what is remembered of one leaves the process."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database, self._runtime = database, runtime
        self._key = runtime.randomness.bytes(32)
        self._remembered: OrderedDict[bytes, bytes] = OrderedDict()

    async def proofs(self, named: Iterable[Named]) -> dict[Named, bytes]:
        """(GRN, code) → the code's hash by the guarantee's salt; without an entry where it has none or is not known."""
        wanted = {each for each in named if each[1]}
        accounts = await self._database.read(load_accounts, {grn for grn, _ in wanted}) if wanted else {}
        salts = {grn: account.terms.access_salt for grn, account in accounts.items() if account.terms.access_salt}
        tokens = {each: self._token(*each, salts[each[0]]) for each in sorted(wanted) if each[0] in salts}
        # Taken before anything is awaited: what others bring meanwhile may push these out.
        proofs = {each: self._remembered[token] for each, token in tokens.items() if token in self._remembered}
        if unknown := [each for each in tokens if each not in proofs]:
            found = await self._runtime.executor.run(_hashes, unknown, salts)
            self._remember({tokens[each]: proof for each, proof in found.items()})
            proofs |= found
        return proofs

    def _token(self, grn: str, code: str, salt: bytes) -> bytes:
        return hmac.digest(self._key, b"\0".join((grn.encode(), code.encode(), salt)), "sha256")

    def _remember(self, found: Mapping[bytes, bytes]) -> None:
        self._remembered.update(found)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


def _hashes(named: list[Named], salts: Mapping[str, bytes]) -> dict[Named, bytes]:
    return {(grn, code): access_hash(code, salts[grn]) for grn, code in named}
