"""All rules of the port, in the order in which they are evaluated and published."""

from agencykit.rules import Rule
from port.domain.rules import manifest, quantity, remit, terminal

RULE_SET_VERSION = "port-2004.1"

RULES: tuple[Rule, ...] = (
    remit.supplementary,
    remit.without_terminal,
    manifest.document_stated,
    manifest.on_manifest,
    manifest.containers_on_manifest,
    manifest.container_numbers_check,
    manifest.conveyance_agrees,
    manifest.port_agrees,
    quantity.packages_agree,
    quantity.gross_mass_agrees,
    quantity.quantities_stated,
    terminal.goods_arrived,
    terminal.place_assigned,
    terminal.nothing_held,
    terminal.box_is_shared,
)
