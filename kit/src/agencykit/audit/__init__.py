"""The audit as a log: chained, countersigned by others, verifiable by anybody.

tables    where the chain stands
chain     leaves and heads
sealing   puts new rows into it
exporting, verifying   what `python -m agencykit.audit` does with it
"""
