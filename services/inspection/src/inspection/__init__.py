"""The inspection and quarantine authority: one agency of a clearance, deployable alone."""
