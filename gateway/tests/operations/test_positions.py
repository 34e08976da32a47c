"""How far lists of an agency were read, each from its own position."""

from sqlalchemy import create_engine

from gateway.operations.exits import exit_position
from gateway.operations.follow import positions
from gateway.storage.feeds import store_positions
from gateway.storage.tables import feed_positions


def test_a_follower_of_decisions_names_no_list_of_exits() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        feed_positions.create(connection)
        store_positions(connection, "port", {"port/1": 7, "port/1.2": 3, "gate_outs": 12})
        assert positions(connection, "port") == {"port/1": 7, "port/1.2": 3}
        assert exit_position(connection, "port") == 12
