"""The border inspection authority: one agency of a clearance, deployable alone."""
