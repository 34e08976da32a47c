"""Rules in words: an agency's catalogue of templates, and a finding's parameters put into them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clearance.agency.v1 import agency_service_pb2 as service
from clearance.common.v1.decision_pb2 import Finding
from tongguan.channels import Peer
from tongguan.failures import Failure

# The contract lets only the gateway ask an agency for its catalogue; the owner of the state folder holds its key.
DESCRIBER = "gateway"
DESCRIBE_SECONDS = 2.0
_METHOD = "/clearance.agency.v1.AgencyService/DescribeAgency"


def describe(peer: Peer, seconds: float = DESCRIBE_SECONDS) -> service.AgencyDescription:
    """What an agency says of itself; fails as any call does."""
    return peer.call(_METHOD, service.DescribeAgencyRequest(), service.DescribeAgencyResponse, seconds).description


# What officers' results add to a finding, by the name under which it tells it.
NOTES = {
    "measured": "实测 measured",
    "image": "机检图像 image",
    "documents_requested": "补交单证 documents asked for",
    "documents_answered": "已补交 documents named, for an officer to check",
    "documents_overdue": "逾期未补 documents not named in time",
    "documents_until": "期限 until",
}


@dataclass(slots=True)
class Catalogue:
    """Rules of all agencies, fetched when first needed; an agency that does not answer leaves its rules unexplained."""

    peer_of: Callable[[str], Peer]
    _rules: dict[str, Mapping[str, service.Rule]] = field(default_factory=dict)

    def rule(self, agency: str, rule_id: str) -> service.Rule | None:
        """The rule's entry; None when the agency is away or no longer has it."""
        if agency not in self._rules:
            try:
                self._rules[agency] = {rule.id: rule for rule in describe(self.peer_of(agency)).rules}
            except Failure:  # the case is shown all the same, with rule ids alone
                self._rules[agency] = {}
        return self._rules[agency].get(rule_id)

    def explain(self, agency: str, finding: Finding, language: str) -> list[str]:
        """What was found and what would be enough, in `zh`, `en` or `both`, one line each."""
        rule = self.rule(agency, finding.rule_id)
        if rule is None:
            return []
        languages = ("zh", "en") if language == "both" else (language,)
        lines = []
        for name in languages:
            found = fill(getattr(rule.text, name), finding.parameters)
            enough = fill(getattr(rule.enough, name), finding.parameters)
            word = "足够" if name == "zh" else "enough"
            lines.append(f"{found} — {word}: {enough}" if enough else found)
        return lines + [f"{words}: {said}" for name, words in NOTES.items() if (said := finding.parameters.get(name))]


def catalogue_by(peer: Callable[[str, str], Peer]) -> Catalogue:
    """The catalogue of agencies that are reached by `peer(agency, identity)`."""
    return Catalogue(lambda agency: peer(agency, DESCRIBER))


def parameters_in_words(finding: Finding) -> str:
    """`certificate=HC-1, item=2`: what is left of a finding whose rule is not at hand."""
    return ", ".join(f"{name}={value}" for name, value in sorted(finding.parameters.items()))


class _Kept(dict[str, str]):
    """A parameter that the finding lacks stays visible in braces."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def fill(template: str, parameters: Mapping[str, str]) -> str:
    """Puts named parameters into a template; a template that cannot be filled is shown as it is."""
    try:
        return template.format_map(_Kept(parameters))
    except (ValueError, IndexError, AttributeError):
        return template
