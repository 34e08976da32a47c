"""An agency's database with an audit and a log, what its gateway countersigned of it, and what a partner keeps."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from agencykit.audit.__main__ import main
from agencykit.audit.sealing import audit_head, seal_audit
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.heads import keep_own_key
from agencykit.decisions.log import Head as LogEnd
from agencykit.decisions.log import advance, open_log, read_head, store_seal
from agencykit.evidence import Signer, seal_batch
from agencykit.evidence.sheets import AUDIT, DECISIONS, Head, sign_sheet
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import insert
from clearance.common.v1.decision_pb2 import Decision

NOW = datetime(2004, 11, 17, 8, tzinfo=UTC)
GATEWAY = Identity.of_district("ningbo", "gateway")
AUTHORITY = create_authority("ningbo", NOW)
LOG = "customs/1"
_SHEETS = """
CREATE TABLE head_sheets (replica TEXT, number INTEGER, sheet BLOB, signature BLOB);
CREATE TABLE partner_sheets (district TEXT, replica TEXT, number INTEGER, sheet BLOB, signature BLOB);
CREATE TABLE signing_keys (certificate BLOB, create_time INTEGER, key_id BLOB);
"""


def signer_of(path: str, authority: Issued = AUTHORITY) -> Signer:
    issued = issue_signing(authority, Identity.of_district("ningbo", path), now=NOW)
    return Signer(issued.key, issued.certificate.public_bytes(Encoding.DER))  # type: ignore[arg-type]


CUSTOMS, SIGNING = signer_of("customs"), signer_of("gateway")


@dataclass
class Archive:
    """Customs' database, its gateway's, and Hangzhou's, which keeps what Ningbo's gateway countersigned."""

    folder: Path
    sheets: int = 0
    previous: bytes = b""
    files: list[str] = field(default_factory=list)

    def make(self) -> None:
        """Empty databases."""
        self.at_customs(lambda connection: tables.metadata.create_all(connection))
        self.at_customs(lambda connection: keep_own_key(connection, CUSTOMS.key_id, CUSTOMS.certificate, 0))
        self.at_customs(lambda connection: open_log(connection, LOG))
        for name in ("gateway", "hangzhou"):
            with self.opened(name) as made:
                made.executescript(_SHEETS)
                made.execute("INSERT INTO signing_keys VALUES (?, 0, ?)", (SIGNING.certificate, SIGNING.key_id))

    def url(self, name: str) -> str:
        return f"sqlite+pysqlite:///{self.folder / name}.db"

    def at_customs(self, act: Callable[[Connection], object]) -> None:
        engine = make_engine(self.url("customs"), connections=0)
        with engine.begin() as connection:
            act(connection)
        engine.dispose()

    def acts(self, *names: str, time: int = 1) -> None:
        """Officers' acts, chained in one page."""

        def written(connection: Connection) -> None:
            write_audit(
                connection, [AuditEntry(time, "operator/officer-customs", name, "31002004A", {}) for name in names]
            )
            seal_audit(connection, tables.audit, tables.audit_pages, 1)

        self.at_customs(written)

    def decides(self, *numbers: str) -> None:
        """Decisions, sealed in one batch."""

        def logged(connection: Connection) -> None:
            before = read_head(connection, LOG, 1)
            contents = [
                Decision(
                    agency="customs",
                    district="ningbo",
                    clearance_number=number,
                    log=LOG,
                    sequence=before.sequence + place,
                ).SerializeToString()
                for place, number in enumerate(numbers, start=1)
            ]
            first = before.sequence + 1
            sealed = seal_batch(
                CUSTOMS,
                agency="customs",
                district="ningbo",
                log=LOG,
                first_sequence=first,
                previous_head=before.head,
                decisions=contents,
                seal_time=NOW,
            )
            advance(connection, LOG, 1, before, LogEnd(before.sequence + len(contents), sealed.head))
            store_seal(connection, LOG, first, sealed)
            insert(
                connection,
                tables.decisions,
                [
                    (LOG, first + place, numbers[place], 1, 1, 1, contents[place], sealed.proofs[place], first, b"{}")
                    for place in range(len(numbers))
                ],
            )

        self.at_customs(logged)

    def countersigns(self) -> None:
        """The gateway puts what it sees into a sheet, and Hangzhou fetches it."""
        heads: list[Head] = []

        def seen(connection: Connection) -> None:
            audit, log = audit_head(connection), read_head(connection, LOG, 1)
            heads.extend(
                [Head(AUDIT, "customs", audit.sequence, audit.head), Head(DECISIONS, LOG, log.sequence, log.head)]
            )

        self.at_customs(seen)
        self.sheets += 1
        at = NOW + self.sheets * timedelta(seconds=15)
        sheet, signature = sign_sheet(
            SIGNING, gateway=GATEWAY, replica="1", number=self.sheets, previous=self.previous, heads=heads, now=at
        )
        self.previous = sha256(sheet).digest()
        with self.opened("gateway") as opened:
            opened.execute("INSERT INTO head_sheets VALUES ('1', ?, ?, ?)", (self.sheets, sheet, signature))
        with self.opened("hangzhou") as opened:
            opened.execute(
                "INSERT INTO partner_sheets VALUES ('ningbo', '1', ?, ?, ?)", (self.sheets, sheet, signature)
            )

    def change(self, script: str, name: str = "customs") -> None:
        """Somebody who holds the database changes it."""
        with self.opened(name) as opened:
            opened.executescript(script)

    def copy(self, name: str, target: str) -> None:
        """A backup, or its return."""
        with self.opened(name) as source, self.opened(target) as copied:
            source.backup(copied)

    @contextmanager
    def opened(self, name: str) -> Iterator[sqlite3.Connection]:
        """A database as somebody sees it who holds the file."""
        with closing(sqlite3.connect(self.folder / f"{name}.db")) as connection:
            yield connection
            connection.commit()

    def verified(self, capsys: pytest.CaptureFixture[str], *names: str) -> tuple[int, list[str]]:
        """Exports these databases, verifies the exports: exit code and what does not hold."""
        files = []
        for name in names or ("customs", "gateway", "hangzhou"):
            district = name if name == "hangzhou" else "ningbo"
            service = "gateway" if name == "hangzhou" else name
            file = self.folder / f"{name}.jsonl"
            told = ["--service", service, "--district", district, "--file", str(file)]
            assert main(["export", "--database-url", self.url(name), *told]) == 0
            files.append(str(file))
        (self.folder / "ca.pem").write_bytes(AUTHORITY.certificate_pem)
        capsys.readouterr()
        code = main(["verify", *files, "--ca", str(self.folder / "ca.pem")])
        told_lines = capsys.readouterr().out.splitlines()
        self.files = [line.removeprefix("holds: ") for line in told_lines if line.startswith("holds: ")]
        return code, [line.removeprefix("does not hold: ") for line in told_lines if line.startswith("does not")]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Made once: copying it takes a tenth of the time."""
    made = Archive(tmp_path_factory.mktemp("archive"))
    made.make()
    for acts, numbers in (
        (("take", "examine"), ("31002004A", "31002004B")),
        (("sample", "clear", "seize"), ("31002004C", "31002004D", "31002004E")),
        (("settle", "return"), ("31002004F",)),
    ):
        made.acts(*acts)
        made.decides(*numbers)
        made.countersigns()
    return made


@pytest.fixture
def archive(made: Archive, tmp_path: Path) -> Archive:
    """Three pages of two, three and two acts and three batches of decisions, a sheet after each."""
    folder = tmp_path / "archive"
    shutil.copytree(made.folder, folder)
    return Archive(folder, made.sheets, made.previous)
