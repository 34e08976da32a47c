"""What would be refused later although nothing is wrong now, as agencies say when something is submitted."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.text import Text

from clearance.common.v1.decision_pb2 import Finding
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.report.catalogue import Catalogue, parameters_in_words

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Remark:
    """One of them, with the number of its clearance and the agency that says so."""

    number: str
    agency: str
    finding: Finding


@dataclass(slots=True)
class Foreseen:
    """The first few of many clearances, and how many there are in all."""

    first: list[Remark] = field(default_factory=list)
    count: int = 0

    def take(self, clearance: Clearance) -> None:
        """Notes what the agencies foresee of one more."""
        for standing in clearance.agencies:
            for finding in standing.decision.findings:
                if finding.foreseen and not finding.resolved:
                    self.count += 1
                    if self.count <= MOST_SHOWN:
                        self.first.append(Remark(clearance.number, standing.agency, finding))

    def text(self, catalogue: Catalogue) -> Text:
        """A short list: number, agency, rule, what will be refused and what would be enough."""
        return Text("\n").join(Text(line, style) for line, style in self._lines(catalogue))

    def _lines(self, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
        yield "What would be refused later", "bold"
        for remark in self.first:
            yield f"{remark.number}  {remark.agency}  {remark.finding.rule_id}", ""
            told = catalogue.explain(remark.agency, remark.finding, "both") or [parameters_in_words(remark.finding)]
            yield from ((f"  {line}", "") for line in told if line)
        if left := self.count - len(self.first):
            yield f"… and {left} more: tongguan show NUMBER, or --json, has all of them", "dim"
