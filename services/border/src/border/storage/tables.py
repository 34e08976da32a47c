"""Border's own tables. Times are microseconds since 1970; `call` is the key of one call of one conveyance."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

announcements = Table(
    "announcements",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("movement", Integer, primary_key=True),  # 1 arrival, 2 departure
    Column("mode", Integer, nullable=False),
    Column("announce_time", BigInteger, nullable=False),
    Column("expected_time", BigInteger, nullable=False),
    Column("nationality_code", String(8), nullable=False),
    Column("port_code", String(5), nullable=False),
    Column("name", String(128), nullable=False),
    Column("dangerous_goods", String(1024), nullable=False),  # bare UN numbers, separated by spaces
)

crew_lists = Table(
    "crew_lists",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("lodge_time", BigInteger, nullable=False),
)

passenger_lists = Table(
    "passenger_lists",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("lodge_time", BigInteger, nullable=False),
)

# Everybody on these lists. `role`: 1 crew, 2 passenger; `number`: place on the list, from 1; `birth_date`: 19580613.
persons = Table(
    "persons",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("role", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("document_number", String(35), nullable=False),
    Column("nationality_code", String(8), nullable=False),
    Column("birth_date", Integer, nullable=False),
    Column("folded", String(35), nullable=False),
    Column("look_alike", String(35), nullable=False),
    Column("name_key", String(512), nullable=False),
    Index("persons_by_look_alike", "look_alike"),
    Index("persons_by_name", "name_key"),
    Index("persons_by_birth", "birth_date"),
)

permits = Table(
    "permits",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("movement", Integer, primary_key=True),  # 1 of entry, 2 of exit
    Column("grant_time", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("sail_time", BigInteger),
)

# The conveyance was inspected on arrival (1) or departure (2); what was inspected last counts.
inspections = Table(
    "inspections",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("movement", Integer, primary_key=True),
    Column("inspect_time", BigInteger, nullable=False),
    Column("passed", Boolean, nullable=False),
)

# A conveyance has come, by the harbour's record; `complete_time` is when its entry formalities were completed.
entry_formalities = Table(
    "entry_formalities",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("arrive_time", BigInteger, nullable=False),
    Column("complete_time", BigInteger),
)

# A conveyance has sailed, by the harbour's record.
departures = Table(
    "departures",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("sail_time", BigInteger, nullable=False),
)

# `kind`: 1 conveyance, 2 party, 3 person. A lifted entry stays, and no longer counts.
watch_entries = Table(
    "watch_entries",
    metadata,
    Column("id", String(35), primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("subject", String(35), nullable=False),
    Column("folded", String(35), nullable=False),
    Column("look_alike", String(35), nullable=False),
    Column("lifted", Boolean, nullable=False),
    Column("name", String(128), nullable=False),
    Column("name_key", String(512), nullable=False),
    Column("birth_date", Integer, nullable=False),
    Column("nationality_code", String(8), nullable=False),
    Index("watch_entries_by_look_alike", "look_alike"),
    Index("watch_entries_by_name", "name_key"),
    Index("watch_entries_by_birth", "birth_date"),
)

# Persons aboard who meet an entry. `numbers`: places on the list, separated by spaces; `compared`: what was compared,
# so that a decision holds as long as it is the same. `state`: 1 open, 2 cleared, 3 confirmed.
watch_cases = Table(
    "watch_cases",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("entry_id", String(35), nullable=False),
    Column("call", String(71), nullable=False),
    Column("role", Integer, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("exact", Boolean, nullable=False),
    Column("state", Integer, nullable=False),
    Column("compared", Text, nullable=False),
    Column("officer", String(256), nullable=False),
    Column("reason", String(512), nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("decide_time", BigInteger),
    Index("watch_cases_by_call", "call"),
    Index("watch_cases_by_entry", "entry_id"),
    Index("watch_cases_by_state", "state", "id"),
)

# Appeals against refusals, one for each decision. `state`: 1 lodged, 2 upheld, 3 dismissed.
appeals = Table(
    "appeals",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("clearance_number", String(35), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("appellant", String(256), nullable=False),
    Column("grounds", String(512), nullable=False),
    Column("state", Integer, nullable=False),
    Column("officer", String(256), nullable=False),
    Column("reason", String(512), nullable=False),
    Column("lodge_time", BigInteger, nullable=False),
    Column("decide_time", BigInteger),
    Column("request_id", String(36), nullable=False),
    Index("appeals_by_decision", "clearance_number", "version", "revision", unique=True),
)
