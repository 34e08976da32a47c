"""Goods go under customs control from Ningbo to a district in another language, and are discharged."""

import json
import os
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import google.rpc
from guaranteed import ACCESS_CODE, Guaranteed
from in_transit import BROKER, GRNS, HOLDER, LIMIT, OFFICER
from joined import eventually, files_of, real_district
from processes import free_port
from simulated import CODES

from agencykit.bundles import issue_next
from agencykit.pki import equip
from agencykit.runtime import real_runtime

FOLDER = Path(__file__).with_name("node_partner")
PROTOS = (Path(__file__).parents[2] / "protos", Path(next(iter(google.rpc.__path__))).parents[1])


async def node(packages: Path, script: str, **options: object) -> Process:
    """A script that was started."""
    given = [f"--include={folder}" for folder in PROTOS]
    given += [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    environment = os.environ | {"NODE_PATH": str(packages)}
    return await create_subprocess_exec("node", str(FOLDER / script), *given, stdout=PIPE, stderr=PIPE, env=environment)


async def line(process: Process) -> dict[str, Any]:
    """The next that it prints."""
    assert process.stdout is not None
    assert process.stderr is not None
    told = await process.stdout.readline()
    assert told, (await process.stderr.read()).decode()
    found: dict[str, Any] = json.loads(told)
    return found


async def test_a_partner_that_has_the_contract_alone_takes_part_in_a_movement_from_declaration_to_discharge(
    tmp_path: Path, node_packages: Path
) -> None:
    runtime, port = real_runtime(), free_port()
    abroad, own = tmp_path / "hangzhou", tmp_path / "ningbo"
    equip(abroad, "hangzhou", ["gateway", "district"])
    issue_next(abroad, abroad / "bundle.json", "hangzhou", CODES["hangzhou"], datetime.now(UTC))
    equip(own, "ningbo", ["gateway", "district", BROKER, OFFICER])
    issue_next(own, own / "bundle.json", "ningbo", CODES["ningbo"], datetime.now(UTC))
    partner = {"address": f"127.0.0.1:{port}", "bundle_file": abroad / "bundle.json"}
    partner |= {"customs_district_code": CODES["hangzhou"]}
    async with AsyncExitStack() as stack:
        stack.callback(runtime.executor.close)
        ningbo = await stack.enter_async_context(real_district(own, runtime, "ningbo", {"hangzhou": partner}))
        await Guaranteed(ningbo).enter(HOLDER, GRNS["ningbo"], LIMIT)
        await Guaranteed(ningbo).enter_carrier(HOLDER, "ZHE-B-21300")
        address = f"127.0.0.1:{ningbo.ports['gateway']}"
        hangzhou = await node(
            node_packages,
            "district.js",
            listen=f"127.0.0.1:{port}",
            own=abroad / "gateway",
            partner_ca=own / "ca.pem",
            partner=address,
        )
        stack.callback(hangzhou.kill)
        assert await line(hangzhou) == {"listening": port}
        people = await node(
            node_packages,
            "people.js",
            ca=own / "ca.pem",
            broker=files_of(own, "ningbo", BROKER).cert.with_suffix(""),
            officer=files_of(own, "ningbo", OFFICER).cert.with_suffix(""),
            gateway=address,
            grn=GRNS["ningbo"],
            access_code=ACCESS_CODE,
        )
        followed = await line(people)
        mrn = followed["mrn"]
        assert await line(hangzhou) == {
            "announced": mrn,
            "lrn": "NODE-1",
            "holder": HOLDER,
            "goods": ["85287212"],
            "seals": ["CN-1"],
        }
        assert [event["event"] for event in followed["events"][:6]] == [
            *("DECLARE", "PRESENT", "GUARANTEE_CONFIRMED", "RELEASE", "ARRIVAL_ADVICE", "CONFORM")
        ]
        heard = [await line(hangzhou) for _ in range(5)]
        assert {"discharged": mrn} in heard
        # A repeated message has the same answer, and one that comes too late the state that it met.
        assert sorted(told(each) for each in heard if "said" in each) == [
            ("arrival_advice", 1, "OUTCOME_APPLIED", ""),
            ("arrival_advice", 1, "OUTCOME_APPLIED", ""),
            ("arrival_advice", 3, "OUTCOME_OUT_OF_SEQUENCE", "DISCHARGED"),
            ("control_results", 2, "OUTCOME_APPLIED", ""),
        ]

        async def returned() -> bool:
            return (await Guaranteed(ningbo).guarantee(GRNS["ningbo"])).available_units == LIMIT

        await eventually(returned)


def told(said: dict[str, Any]) -> tuple[str, int, str, str]:
    """What was said, and what became of it."""
    return said["said"], said["sequence"], said["outcome"], said["state_met"]
