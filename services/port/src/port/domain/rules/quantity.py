"""Packages and weight agree with the manifest within tolerance."""

from collections.abc import Iterable

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from port.domain.consignment import ConsignmentView
from port.domain.facts import Facts


@rule(
    id="POR-411",
    version=2,
    zh="申报 {declared} 件,{measure} {measured} 件,超出容差 {tolerance} 件:须理货",
    en="{declared} packages declared, {measured} by the {measure}, tolerance {tolerance}: they are tallied",
    enough_zh="件数相差不超过 {tolerance} 件,或理货结果相符",
    enough_en="A difference of at most {tolerance}, or a tally that agrees",
    source="Manifest and declaration must agree, and the tally (理货) settles it; setting packages_tolerance",
)
def packages_agree(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """What was tallied is the measure; until then what the manifest says."""
    known = facts.tally or facts.manifest
    if known is None or view.packages is None:
        return
    tolerance = facts.tolerances.packages
    if abs(view.packages - known.packages) > tolerance:
        parameters = {
            "declared": str(view.packages),
            "measured": str(known.packages),
            "measure": "tally" if facts.tally else "manifest",
            "tolerance": str(tolerance),
        }
        yield _to_be_examined(self, view, parameters)


@rule(
    id="POR-412",
    version=2,
    zh="申报毛重 {declared} 千克,{measure} {measured} 千克,超出容差 {tolerance}%:须过磅",
    en="{declared} kg gross declared, {measured} kg by the {measure}, tolerance {tolerance} %: it is weighed",
    enough_zh="毛重相差不超过 {tolerance}%,或过磅结果相符",
    enough_en="A difference of at most {tolerance} %, or a weight that agrees",
    source="Manifest and declaration must agree; setting gross_mass_tolerance_percent",
)
def gross_mass_agrees(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """What was weighed is the measure, else the manifest's mass; a difference of exactly the tolerance still agrees."""
    weighed = facts.tally if facts.tally and facts.tally.gross_mass_kg else None
    known = weighed or facts.manifest
    if known is None or view.gross_mass_kg is None:
        return
    measured, tolerance = known.gross_mass_kg, facts.tolerances.gross_mass_percent
    # Half a gram of slack, so that 105.0 against 100.0 is not lost to binary fractions.
    if abs(view.gross_mass_kg - measured) > measured * tolerance / 100 + 0.0005:
        parameters = {
            "declared": _kilograms(view.gross_mass_kg),
            "measured": _kilograms(measured),
            "measure": "tally" if weighed else "manifest",
            "tolerance": f"{tolerance:g}",
        }
        yield _to_be_examined(self, view, parameters)


@rule(
    id="POR-413",
    version=1,
    zh="未申报 {missing},无法与舱单核对",
    en="{missing} is not stated and cannot be compared with the manifest",
    enough_zh="申报总件数和总毛重",
    enough_en="State total packages and total gross mass",
    source="Manifest and declaration should agree",
)
def quantities_stated(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark only: missing particulars of the goods are customs' to ask for."""
    quantities = (("total_packages", view.packages), ("total_gross_mass_kg", view.gross_mass_kg))
    missing = [name for name, value in quantities if value is None]
    if missing:
        yield self.finding(Verdict.APPROVED, parameters={"missing": ", ".join(missing)})


def _to_be_examined(self: Rule, view: ConsignmentView, parameters: dict[str, str]) -> Finding:
    """Tally or scales settle it; so does a corrected manifest, as long as nothing was tallied."""
    return self.finding(
        Verdict.EXAMINE,
        parameters=parameters,
        container_numbers=view.containers,
        required_action=RequiredAction.PRESENT,
        awaited=(Awaited("port", "officer_result"), Awaited("carrier", "manifest", view.document)),
    )


def _kilograms(mass: float) -> str:
    """At most grams, without trailing zeros and never in scientific notation."""
    return f"{mass:.3f}".rstrip("0").rstrip(".")
