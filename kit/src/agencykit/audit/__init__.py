"""The audit as a log: chained, countersigned by others, verifiable by anybody.

tables    where the chain stands
chain     leaves and heads
sealing   puts new rows into it
sealer    has it done by a running service
exporting, verifying   what `python -m agencykit.audit` does with it
"""
