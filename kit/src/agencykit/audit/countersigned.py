"""What others countersigned: sheets of heads out of any number of exports, and how logs agree with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from agencykit.audit.findings import Findings
from agencykit.evidence.certificates import CertificateInvalid, identity_of
from agencykit.evidence.clearance import Authorities
from agencykit.evidence.sheets import GATEWAY, parse_sheet, verify_sheet
from agencykit.evidence.verify import EvidenceInvalid, Verifier
from agencykit.identity import Identity

# (district, log) → sequence → (head, when it was countersigned first).
Heads = dict[tuple[str, str], dict[int, tuple[bytes, datetime]]]


class Link(NamedTuple):
    """What is remembered of a sheet once its heads are taken up: an archive holds millions of them."""

    number: int
    digest: bytes
    previous: bytes
    time: datetime


@dataclass(slots=True)
class Countersigned:
    """Filled from all files before any log is checked. `own` are sheets that a gateway keeps of itself, by district
    and replica; `kept` those that others keep, each with its keeper."""

    authorities: Authorities
    findings: Findings
    verifiers: dict[Identity, Verifier] = field(default_factory=dict)
    heads: Heads = field(default_factory=dict)
    own: dict[tuple[str, str], dict[int, Link]] = field(default_factory=dict)
    kept: list[tuple[str, tuple[str, str], Link]] = field(default_factory=list)
    # (district, service) of each export; (district, log) of each log that one of them has.
    exported: set[tuple[str, str]] = field(default_factory=set)
    walked: set[tuple[str, str]] = field(default_factory=set)

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
        chain, link = (district, sheet.replica), Link(sheet.number, sheet.digest, sheet.previous, sheet.time)
        if district == exporting:
            self.own.setdefault(chain, {})[sheet.number] = link
        else:
            self.kept.append((exporting, chain, link))
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
        # The newest first: of several that one place misses, it says the most.
        for keeper, (district, replica), link in sorted(self.kept, key=lambda each: -each[2].number):
            if (district, GATEWAY) not in self.exported:
                continue
            own = self.own.get((district, replica), {})
            name, last = f"{district} sheets/{replica}", max(own, default=0)
            if link.number > last:
                ends = "it ends there" if own else "the export has none of it"
                self.findings.fault(name, last + 1, f"{ends}, and {keeper} keeps {link.number} of {_at(link.time)}")
            elif (mine := own.get(link.number)) is not None and mine.digest != link.digest:
                self.findings.fault(name, link.number, f"{keeper} keeps another of this number: a fork")

    def check_missing(self) -> None:
        """Logs of a service whose export is here that were countersigned and are not in it at all."""
        for (district, log), told in sorted(self.heads.items()):
            service, _, of = log.partition("/")
            if (district, service) not in self.exported or (district, log) in self.walked:
                continue
            if service == GATEWAY and of and of not in self.authorities:
                # Of the orders of one clearance as a port elsewhere is told them: they stand in no log of their own.
                continue
            last = max(told)
            flaw = f"the export has none of it, and {last} was countersigned at {_at(told[last][1])}"
            self.findings.fault(f"{district} {log}", 1, flaw)

    def _check_chain(self, name: str, sheets: Mapping[int, Link]) -> None:
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
        self.walked.add((district, log))
        name, told = f"{district} {log}", self.heads.get((district, log), {})
        last = 0
        for sequence in sorted(told):
            head, time = told[sequence]
            when = _at(time)
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


def _at(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def wanted(told: Countersigned, district: str, log: str) -> Iterable[int]:
    """At which sequences the head of a log must be looked at."""
    return told.heads.get((district, log), {}).keys()
