"""The agency's description, as DescribeAgency answers it."""

from agencykit.decisions.decider import Decider
from agencykit.evidence.certificates import key_id_of
from agencykit.rules import Rule as RuleEntry
from clearance.agency.v1.agency_service_pb2 import AgencyDescription, Rule
from clearance.common.v1.evidence_pb2 import SigningCertificate
from clearance.common.v1.text_pb2 import BilingualText

CONTRACT_VERSIONS = ("v1",)
BATCH_LIMIT = 256


def describe(decider: Decider) -> AgencyDescription:
    """Built once, after start."""
    definition = decider.definition
    description = AgencyDescription(
        agency=decider.agency,
        district=decider.district,
        display_name=BilingualText(zh=definition.display_name_zh, en=definition.display_name_en),
        contract_versions=CONTRACT_VERSIONS,
        rule_set_version=definition.rule_set_version,
        rules=[_rule(entry) for entry in (*definition.rules, *definition.further_rules)],
        signing_certificates=[
            SigningCertificate(certificate=each, key_id=key_id_of(each))
            for each in decider.certificates or [decider.signer.certificate]
        ],
        batch_limit=BATCH_LIMIT,
    )
    description.commitment_duration.FromTimedelta(definition.commitment)
    return description


def _rule(entry: RuleEntry) -> Rule:
    return Rule(
        id=entry.id,
        version=entry.version,
        text=BilingualText(zh=entry.zh, en=entry.en),
        enough=BilingualText(zh=entry.enough_zh, en=entry.enough_en),
        source=entry.source,
    )
