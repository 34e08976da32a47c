"""Who sees whose is asked in one place."""

from pathlib import Path

import gateway.rpc
from gateway.rpc import sight

# A broker declares for himself alone; and what a partner's caller sees is the policy's matter, by his role.
_OTHERS = {"sight.py", "reading.py", "outside_cases.py"}


def test_no_servicer_asks_by_itself_in_which_role_somebody_calls() -> None:
    folder = Path(gateway.rpc.__file__).parent
    asking = {
        file.name
        for file in folder.rglob("*.py")
        if "identity.role" in file.read_text("utf-8") or ".role ==" in file.read_text("utf-8")
    }
    assert asking <= _OTHERS | {"visibility.py"}
    assert "identity.role" in Path(sight.__file__).read_text("utf-8")
