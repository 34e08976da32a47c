"""status: what runs of a district on this machine, replica by replica."""

from tongguan.failures import Exit, Unavailable
from tongguan.hints import again
from tongguan.options import local_command
from tongguan.session import Session


@local_command
def status(session: Session) -> Exit:
    """Show every process of the running district: its address, its process id, and whether it serves.

    Says too how many items are set aside (tongguan quarantine list), where there are any.

    Exit code 1 where one of them does not.
    """
    from tongguan.report.tables import table
    from tongguan.stack import locks
    from tongguan.stack.standing import Standing, standings

    layout = session.layout
    if not locks.held(layout.lock):
        raise Unavailable(f"no stack runs on {session.state}", f"start one: {again(layout.folder, 'up')}")
    made = table(f"District {layout.district}", "replica", "address", "process", "state", numbers=["process"])
    found = standings(layout)
    for each in found:
        session.output.line(each.to_json())
        made.add_row(each.replica, each.address, str(each.pid or "-"), each.state)
    session.output.show(made)
    if count := _set_aside(session):
        session.output.line({"setAside": count})
        session.output.show(f"{count} items are set aside: see `tongguan quarantine list`")
    return Exit.OK if all(each.state == Standing.SERVES for each in found) else Exit.FAILED


def _set_aside(session: Session) -> int:
    """How many items are; 0 where the gateway cannot be asked."""
    from tongguan.failures import Failure
    from tongguan.quarantine import Quarantine

    try:
        return Quarantine(session.peer("gateway", "operator")).count(seconds=2.0)
    except Failure:
        return 0
