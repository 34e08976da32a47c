"""The customs authority: one agency of a clearance, deployable alone."""
