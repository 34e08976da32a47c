"""A file of typed lines put before the district: facts to the agencies, then submissions to the gateway."""
