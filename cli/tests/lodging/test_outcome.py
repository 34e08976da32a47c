"""What became of each line."""

from google.rpc.code_pb2 import Code

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan import statuses
from tongguan.failures import Exit
from tongguan.lodging.outcome import Outcome, Result

REFUSED = statuses.make(Code.INVALID_ARGUMENT, "weighs nothing", "FORM_INVALID")
FORBIDDEN = statuses.make(Code.PERMISSION_DENIED, "another's", "BROKER_MISMATCH")
AWAY = statuses.make(Code.UNAVAILABLE, "away")


def outcome(*results: Result) -> Outcome:
    made = Outcome(range(len(results)), lambda _line, _result: None)
    made.put(enumerate(results))
    return made


def test_results_are_told_in_the_files_order_whatever_comes_first() -> None:
    told: list[int] = []
    made = Outcome([5, 1, 3], lambda line, _result: told.append(line))
    made.put([(3, None)])
    assert told == []
    made.put([(1, Clearance(state=Clearance.STATE_RELEASED))])
    assert told == [1, 3]
    made.put([(5, REFUSED)])
    assert told == [1, 3, 5]
    assert made.states == {Clearance.STATE_RELEASED: 1}


def test_the_exit_code_is_what_all_lines_have_in_common() -> None:
    assert outcome(None, Clearance()).exit() is Exit.OK
    assert outcome(FORBIDDEN, FORBIDDEN).exit() is Exit.NOT_PERMITTED
    assert outcome(AWAY, AWAY).exit() is Exit.UNAVAILABLE
    assert outcome(REFUSED).exit() is Exit.FAILED


def test_a_file_that_is_taken_in_part_failed_whatever_the_rest_suffered() -> None:
    assert outcome(AWAY, None).exit() is Exit.FAILED
    assert outcome(FORBIDDEN, Clearance()).exit() is Exit.FAILED
    assert outcome(AWAY, FORBIDDEN).exit() is Exit.FAILED
