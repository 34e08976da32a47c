"""Gateways get new signing keys while the partner has not read yet what was signed under the old ones."""

from pathlib import Path

from verified import HOME, PORT, Verified, rest, told_verified


def test_a_stop_that_home_issued_before_it_changed_its_key_stops_the_goods_at_the_port(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        number, [container] = clearance.number, clearance.consignment.containers
        await rest()
        both.cut()
        await both.officer_finds(number, "REFUSED")
        await rest()
        # So long that the new certificate was not in force yet when the order was issued.
        both.skip(1)
        await both.home.restart(new_key=True)
        await both.port.restart()
        both.mend()
        await rest(60)
        assert await both.states(number) == ("RELEASE_STOPPED", "RELEASE_STOPPED")
        assert f"{PORT} stop" not in await both.waits(both.home, number)
        assert (await both.leave(number, container.number)).HasField("error")

    told_verified(tmp_path, story, lane="blue")


def test_what_a_port_said_before_it_changed_its_key_is_read_and_so_is_what_it_says_after(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        both.port.cut("border")
        before = await both.submitted()
        assert await both.states(before.number) == ("IN_PROGRESS", "IN_PROGRESS")
        both.cut()
        both.port.mend("border")
        await rest(60)
        assert await both.waits(both.port, before.number) == {f"{HOME} home_release"}
        await both.port.restart(new_key=True)
        await both.home.restart()
        both.mend()
        await rest(60)
        assert await both.states(before.number) == ("RELEASED", "RELEASED")
        both.port.cut("border")
        after = await both.submitted()
        both.port.mend("border")
        await rest(60)
        assert await both.states(after.number) == ("RELEASED", "RELEASED")

    told_verified(tmp_path, story)
