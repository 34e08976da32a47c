"""The facts a decision used, as plain values kept with it, so that it can be replayed with the same rules."""

from port.domain.facts import Facts, Manifest


def record_facts(facts: Facts) -> dict[str, object]:
    """JSON values, times in ISO 8601, masses in kilograms."""
    return {
        "tolerances": [facts.tolerances.packages, facts.tolerances.gross_mass_percent],
        "manifest": _manifest(facts.manifest),
        "arrive_time": facts.arrive_time.isoformat() if facts.arrive_time else None,
        "places": [list(each) for each in facts.places],
        "holds": [[hold.id, hold.subject] for hold in facts.holds],
        "tally": [facts.tally.packages, facts.tally.gross_mass_kg] if facts.tally else None,
        "beside": [[container, *documents] for container, documents in facts.beside],
    }


def _manifest(manifest: Manifest | None) -> list[object] | None:
    if manifest is None:
        return None
    quantities = [manifest.packages, manifest.gross_mass_kg]
    return [manifest.conveyance, manifest.voyage, *quantities, sorted(manifest.containers), manifest.port_code]
