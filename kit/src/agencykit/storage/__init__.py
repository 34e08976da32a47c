"""SQL inside one party: SQLite or PostgreSQL, one transaction per operation, off the event loop.

`Database` runs functions in transactions; `bulk` writes and looks up many rows at once; `migrations` brings a database
to the newest form. Times are stored as microseconds since 1970 (`times`): SQLite would drop the zone.
"""

from agencykit.storage.bulk import insert_rows, select_in, update_rows
from agencykit.storage.database import Database
from agencykit.storage.errors import StorageFault
from agencykit.storage.times import from_micros, to_micros

__all__ = ["Database", "StorageFault", "from_micros", "insert_rows", "select_in", "to_micros", "update_rows"]
