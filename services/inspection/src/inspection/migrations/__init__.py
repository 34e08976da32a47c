"""How inspection's database comes to its newest form; agencykit.storage.migrations applies the versions."""
