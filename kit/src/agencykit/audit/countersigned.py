"""What others countersigned: sheets of heads out of any number of exports, and how logs agree with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from agencykit.audit.findings import Findings
from agencykit.evidence.certificates import CertificateInvalid, identity_of
from agencykit.evidence.clearance import Authorities
from agencykit.evidence.sheets import GATEWAY, Sheet, parse_sheet, verify_sheet
from agencykit.evidence.verify import EvidenceInvalid, Verifier
from agencykit.identity import Identity

# (district, log) → sequence → (head, when it was countersigned first).
Heads = dict[tuple[str, str], dict[int, tuple[bytes, datetime]]]


@dataclass(slots=True)
class Countersigned:
    """Filled from all files before any log is checked. `own` are sheets that a gateway keeps of itself."""

    authorities: Authorities
    findings: Findings
    verifiers: dict[Identity, Verifier] = field(default_factory=dict)
    heads: Heads = field(default_factory=dict)
    own: dict[tuple[str, str], dict[int, Sheet]] = field(default_factory=dict)
    kept: list[tuple[str, Sheet]] = field(default_factory=list)

    def admit(self, certificate: bytes) -> None:
        """A certificate of any party; one that no trusted authority issued is a finding."""
        try:
            identity = identity_of(x509.load_der_x509_certificate(certificate))
            self.of(identity).admit(certificate)
        except (ValueError, CertificateInvalid) as error:
            self.findings.others.append(f"a certificate proves nothing: {error}")

    def of(self, identity: Identity) -> Verifier:
        """The verifier of one party."""
        return self.verifiers.setdefault(identity, Verifier(identity, self.authorities.get(identity.district, ())))

    def take(self, content: bytes, signature: bytes, exporting: str) -> None:
        """A sheet out of that district's export, its own or one kept for a partner."""
        try:
            district = parse_sheet(content, signature).district
            sheet = verify_sheet(self.of(Identity.of_district(district, GATEWAY)), content, signature)
        except (EvidenceInvalid, ValueError) as error:
            self.findings.others.append(f"a sheet of heads proves nothing: {error}")
            return
        if district == exporting:
            self.own.setdefault((district, sheet.replica), {})[sheet.number] = sheet
        else:
            self.kept.append((exporting, sheet))
        for each in sheet.heads:
            of, _, log = each.log.rpartition(":")
            known = self.heads.setdefault((of or district, log), {})
            before = known.get(each.sequence)
            if before is not None and before[0] != each.head:
                self.findings.fault(
                    f"{of or district} {log}", each.sequence, "two heads of it were countersigned: a fork"
                )
            elif before is None or sheet.time < before[1]:
                known[each.sequence] = (each.head, sheet.time)

    def check_sheets(self) -> None:
        """Each chain by itself, then against what partners keep of it."""
        for (district, replica), sheets in sorted(self.own.items()):
            self._check_chain(f"{district} sheets/{replica}", sheets)
        for keeper, sheet in self.kept:
            own = self.own.get((sheet.district, sheet.replica))
            if own is None:
                continue
            name, last = f"{sheet.district} sheets/{sheet.replica}", max(own)
            if sheet.number > last:
                flaw = f"it ends there, and {keeper} keeps {sheet.number} of {sheet.time:%Y-%m-%d %H:%M:%S} UTC"
                self.findings.fault(name, last + 1, flaw)
            elif (mine := own.get(sheet.number)) is not None and mine.digest != sheet.digest:
                self.findings.fault(name, sheet.number, f"{keeper} keeps another of this number: a fork")

    def _check_chain(self, name: str, sheets: Mapping[int, Sheet]) -> None:
        previous = b""
        for expected, number in enumerate(sorted(sheets), start=1):
            if number != expected:
                self.findings.fault(name, expected, "it is missing")
                return
            if sheets[number].previous != previous:
                self.findings.fault(name, number, "it does not follow the one before: one of them was changed")
                return
            previous = sheets[number].digest
        self.findings.sound.append(f"{name}: {len(sheets)} in order")

    def compare(self, district: str, log: str, ends: int, found: Mapping[int, bytes]) -> int:
        """How many countersigned heads a log agrees with; faults where it does not. `found` are its heads there."""
        agreed = 0
        name, told = f"{district} {log}", self.heads.get((district, log), {})
        last = 0
        for sequence in sorted(told):
            head, time = told[sequence]
            when = f"{time:%Y-%m-%d %H:%M:%S} UTC"
            if sequence > ends:
                self.findings.fault(
                    name, ends + 1, f"the log ends before it, and {sequence} was countersigned at {when}"
                )
                break
            if found.get(sequence) != head:
                known = self.findings.faults.get(name)
                if known is not None and known[0] <= sequence:
                    # What the walk found says it more exactly.
                    break
                flaw = f"another head was countersigned at {sequence} ({when}); what stands up to {last} agrees"
                self.findings.fault(name, last + 1, flaw)
                break
            agreed, last = agreed + 1, sequence
        return agreed


def wanted(told: Countersigned, district: str, log: str) -> Iterable[int]:
    """At which sequences the head of a log must be looked at."""
    return told.heads.get((district, log), {}).keys()
