"""What a district promises in public: commitments, keys, deadlines, reasons for urgency."""

from collections.abc import Iterator

from rich.console import Group, RenderableType

from clearance.common.v1.text_pb2 import BilingualText
from clearance.gateway.v1.clearance_pb2 import AgencyDeadline, JourneyScope, KeyTarget, PublishedCommitments
from tongguan.report.tables import table


def promises(published: PublishedCommitments, language: str) -> RenderableType:
    """All of it. `language` is zh, en or both."""
    return Group(*(part for each in _tables(published, language) for part in (each, "")))


def _tables(published: PublishedCommitments, language: str) -> Iterator[RenderableType]:
    made = table(f"Commitments, version {published.version}; the first that applies", "rule", "within", "for")
    for promise in published.promises:
        made.add_row(promise.rule_id, f"{promise.hours} h", _scope(promise.scope))
    yield made
    keys = table("Key ports, industries, enterprises and steps", "key", "kind", "name", "target", "for")
    for key in published.keys:
        kind = KeyTarget.Kind.Name(key.kind).removeprefix("KIND_").lower()
        whose = key.holder if key.kind == KeyTarget.KIND_STEP else _scope(key.scope)
        keys.add_row(key.id, kind, _text(key.display_name, language), f"{key.target_minutes / 60:g} h", whose)
    yield keys
    deadlines = table("How long an agency may hold a clearance", "agency", "minutes", "then")
    for deadline in published.deadlines:
        agency = "any other" if deadline.agency == "*" else deadline.agency
        then = AgencyDeadline.Default.Name(deadline.default_action).removeprefix("DEFAULT_").lower()
        deadlines.add_row(agency, str(deadline.minutes), then)
    yield deadlines
    reasons = table("Why a clearance may go before others", "code", "meaning")
    for reason in published.urgent_reasons:
        reasons.add_row(reason.code, _text(reason.text, language))
    yield reasons


def _scope(scope: JourneyScope) -> str:
    """`sea; 8541, 8542`, or everything."""
    named = (scope.directions, scope.modes, scope.special_areas, scope.ports, scope.enterprises, scope.commodities)
    said = ["any special area" if list(each) == ["*"] else ", ".join(each) for each in named if each]
    return "; ".join(said) or "everything"


def _text(text: BilingualText, language: str) -> str:
    return f"{text.zh} {text.en}" if language == "both" else str(getattr(text, language))
