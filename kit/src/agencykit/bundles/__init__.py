"""Trust bundles: what a district tells its partners, so that they know whom to believe (common.v1, trust_bundle.proto).

read, read_file   anybody reads one, which must be signed by a key of its own, or of the one before
follow            a partner takes the next one in place of the one it holds, or refuses it
issue_next        the district makes the next one
"""

from agencykit.bundles.form import WARNING, Bundle, BundleInvalid, follow, read, read_file
from agencykit.bundles.issuing import issue, issue_next

__all__ = ["WARNING", "Bundle", "BundleInvalid", "follow", "issue", "issue_next", "read", "read_file"]
