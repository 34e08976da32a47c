"""How long border keeps each of its own tables, and which rows go together (agencykit.retention).

Crews and passengers are looked through while their conveyance is here; longer than a year after it has sailed their
names are kept only in cases that officers decided (个人信息保护法 19: no longer than the purpose needs).
"""

from agencykit.retention.agencies import agency_keeping
from agencykit.retention.declared import CASE, EVER, Kept, Removed, Subject

# Setting of border alone (border.app).
PERSON = "retention_person_days"

_SAILED = "the conveyance sailed, and no consignment that is not over hears of its call"
_CALL = ("call",)
_OF_CALL = ("announcements", "crew_lists", "passenger_lists", "permits", "inspections", "entry_formalities")
_UNDECIDED = "EXISTS (SELECT 1 FROM watch_cases WHERE call = d.call AND state = 1)"
KEPT = (
    *(Kept(table, CASE, _SAILED) for table in (*_OF_CALL, "watch_cases", "departures")),
    Kept("persons", PERSON, "the conveyance sailed, and no case of its call is undecided"),
    Kept("watch_entries", EVER, "register: whoever is watched for, until then and afterwards, by decision of officers"),
    Kept("appeals", CASE, "the clearance was closed, withdrawn or refused, and nothing was done on it since"),
)
_CALLS = Subject(
    name="calls",
    period=CASE,
    source="departures AS d",
    key=("d.call",),
    over=f"d.sail_time < ? AND NOT {_UNDECIDED} "
    "AND NOT EXISTS (SELECT 1 FROM waits WHERE fact_kind = 'call' AND fact_key = d.call)",
    removed=tuple(Removed(table, _CALL) for table in (*_OF_CALL, "persons", "watch_cases", "departures")),
)
_PERSONS = Subject(
    name="persons",
    period=PERSON,
    source="departures AS d",
    key=("d.call",),
    over=f"d.sail_time < ? AND NOT {_UNDECIDED} AND EXISTS (SELECT 1 FROM persons WHERE call = d.call)",
    removed=(Removed("persons", _CALL),),
)
KEEPING = agency_keeping(KEPT, [Removed("appeals", ("clearance_number",))], subjects=[_CALLS, _PERSONS])
