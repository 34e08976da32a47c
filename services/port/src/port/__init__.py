"""The port authority: one agency of a clearance, deployable alone."""
