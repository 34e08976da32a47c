"""Where the gateway's tables are declared."""

from sqlalchemy import MetaData

metadata = MetaData()
