"""Border's database, version by version; agencykit.storage.migrations applies them."""
