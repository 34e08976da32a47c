"""An edge does to bytes what it says, and nothing when it is whole."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from edge_faults import BACK, THERE, BlackHole, Corrupt, Delay, DroppedReplies, Fault, Flapping, OneWay, Reset, Throttle
from edges import Edges, edges

EDGE = "carrier to port"
WORDS = b"COSU6282736160"


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    """A server that says everything twice."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with closing(connection):
            try:
                while words := connection.recv(65_536):
                    connection.sendall(words * 2)
            except OSError:
                return

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def road(echo: str) -> Iterator[Edges]:
    with edges() as made:
        made.open(EDGE, echo)
        yield made


def call(road: Edges, seconds: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", road.by_name[EDGE].port), seconds)


def said(connection: socket.socket, words: bytes = WORDS) -> bytes:
    """What comes back, until it is all there."""
    connection.sendall(words)
    back = b""
    while len(back) < 2 * len(words):
        if not (part := connection.recv(65_536)):
            return back
        back += part
    return back


def answers(road: Edges) -> bool:
    """Whether a new connection is of any use."""
    try:
        with call(road) as connection:
            return said(connection) == WORDS * 2
    except ConnectionError:
        return False


def is_silent(connection: socket.socket) -> bool:
    connection.settimeout(0.2)
    try:
        connection.sendall(WORDS)
        return connection.recv(1) == b"unreachable"
    except TimeoutError:
        return True


def test_a_whole_edge_carries_everything_unchanged(road: Edges) -> None:
    words = random.Random(1).randbytes(2000)
    with call(road) as connection:
        back = b"".join(said(connection, words[place : place + 100]) for place in range(0, 2000, 100))
        assert back == b"".join(words[place : place + 100] * 2 for place in range(0, 2000, 100))
    assert not road.by_name[EDGE].touched


@pytest.mark.parametrize("fault", [Delay(0.1), Throttle(len(WORDS) * 20)], ids=["delay", "throttle"])
def test_what_is_late_comes_whole(road: Edges, fault: Fault) -> None:
    with call(road) as connection:
        road.suffer(EDGE, fault)
        began = time.monotonic()
        assert said(connection) == WORDS * 2
        assert time.monotonic() - began > 0.1
    assert road.by_name[EDGE].touched["late"] >= 2


def test_a_reset_tears_down_what_stands_and_what_comes(road: Edges) -> None:
    with call(road) as connection:
        said(connection)
        road.suffer(EDGE, Reset())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert not answers(road)
    road.heal()
    with call(road) as connection:
        assert said(connection) == WORDS * 2


@pytest.mark.parametrize("fault", [BlackHole(), OneWay(THERE), OneWay(BACK)], ids=["black hole", "there", "back"])
def test_a_connection_that_lost_bytes_stays_silent_when_the_edge_is_whole_again_and_a_new_one_speaks(
    road: Edges, fault: Fault
) -> None:
    with call(road) as connection:
        road.suffer(EDGE, fault)
        assert is_silent(connection)
        road.heal()
        assert is_silent(connection)
    with call(road) as another:
        assert said(another) == WORDS * 2


def test_a_dropped_reply_ends_the_connection_after_the_request_has_gone(road: Edges) -> None:
    with call(road) as connection:
        road.suffer(EDGE, DroppedReplies(len(WORDS) * 3))
        assert said(connection) == WORDS * 2
        with pytest.raises(ConnectionResetError):
            said(connection)


def test_corruption_flips_one_bit_of_a_chunk(road: Edges) -> None:
    road.suffer(EDGE, Corrupt(1.0, random.Random(3)))
    with call(road) as connection:
        back = said(connection)
    assert len(back) == 2 * len(WORDS)
    assert back != WORDS * 2


def test_a_flapping_edge_is_gone_and_there_again(road: Edges) -> None:
    road.suffer(EDGE, Flapping(0.2, 0.2))
    seen: set[bool] = set()
    until = time.monotonic() + 10
    while len(seen) < 2 and time.monotonic() < until:
        seen.add(answers(road))
    assert seen == {True, False}
