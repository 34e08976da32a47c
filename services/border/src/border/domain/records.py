"""The facts a decision used, as plain values kept with it, so that it can be replayed with the same rules."""

from functools import lru_cache

from border.domain.facts import Announcement, EntryFormalities, Facts, Formalities, Hit, Permit


def record_facts(facts: Facts) -> dict[str, object]:
    """JSON values, times in ISO 8601."""
    return {
        "formalities": _formalities(facts.formalities),
        "nationality_known": facts.nationality_known,
        "announcement": _announcement(facts.announcement),
        "crew_listed": facts.crew_listed,
        "permit": _permit(facts.permit),
        "conveyance_hits": _hits(facts.conveyance_hits),
        "party_hits": _hits(facts.party_hits),
        "crew_hits": _hits(facts.crew_hits),
        "passenger_hits": _hits(facts.passenger_hits),
        "inspected": facts.inspected,
        "entry": _entry(facts.entry),
    }


@lru_cache(maxsize=256)
def _formalities(formalities: Formalities) -> list[object]:
    times = (formalities.arrival_notice, formalities.arrival_application, formalities.departure_notice)
    return [
        *[time.total_seconds() for time in (*times, formalities.entry_term)],
        formalities.crew_list,
        formalities.permit,
        formalities.inspection,
    ]


@lru_cache(maxsize=4096)
def _announcement(announcement: Announcement | None) -> list[object] | None:
    if announcement is None:
        return None
    announced, expected = announcement.announce_time.isoformat(), announcement.expected_time.isoformat()
    return [announced, expected, sorted(announcement.dangerous_goods)]


@lru_cache(maxsize=4096)
def _permit(permit: Permit | None) -> list[object] | None:
    if permit is None:
        return None
    return [permit.grant_time.isoformat(), permit.revoked, permit.sail_time.isoformat() if permit.sail_time else None]


@lru_cache(maxsize=4096)
def _entry(entry: EntryFormalities | None) -> list[object] | None:
    if entry is None:
        return None
    return [entry.arrive_time.isoformat(), entry.complete_time.isoformat() if entry.complete_time else None]


def _hits(hits: tuple[Hit, ...]) -> list[list[object]]:
    return [[hit.entry_id, hit.exact] for hit in hits]
