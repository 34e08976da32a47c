"""What the kit's tests share."""

import pytest

from agencykit.testing.postgres import database_url as database_url

pytest.register_assert_rewrite("agencykit.testing.agency_suite")
