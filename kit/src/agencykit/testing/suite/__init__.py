"""The parts of the suite that every agency passes (agencykit.testing.agency_suite)."""
