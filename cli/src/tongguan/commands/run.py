"""run: the whole way on one machine, from nothing to a table."""

from tongguan.failures import Exit
from tongguan.options import local_command
from tongguan.session import Session


@local_command
def run(session: Session) -> Exit:
    """later"""
    return Exit.OK
