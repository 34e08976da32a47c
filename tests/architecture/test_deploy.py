"""Images and the composed district, judged without running them: schema, linters, and names that must agree."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from source_law import AGENCIES, ROOT

from tongguan.stack.certificates import IDENTITIES

COMPOSE = ROOT / "docker-compose.yml"
SERVICES = (*AGENCIES, "gateway")
DOCKERFILES = sorted([*ROOT.glob("*/Dockerfile"), *ROOT.glob("*/*/Dockerfile")])


def run(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name(tool), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


def set_fields(environment: dict[str, str]) -> set[str]:
    """`customs.listen` for each TONGGUAN_CUSTOMS__LISTEN."""
    found = (re.fullmatch(r"TONGGUAN_([A-Z]+)__(\w+)", name) for name in environment)
    return {f"{match[1]}.{match[2]}".lower() for match in found if match}


def test_the_composed_district_is_valid() -> None:
    found = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    assert found.returncode == 0, found.stdout


def test_the_composed_district_is_confined() -> None:
    found = run("compose-lint", "check", "--fail-on", "low", "--strict-config", COMPOSE)
    assert found.returncode == 0, found.stdout


def test_a_privileged_service_is_noticed(tmp_path: Path) -> None:
    bad = tmp_path / "docker-compose.yml"
    bad.write_text("services:\n  customs:\n    image: customs:1.0\n    privileged: true\n")
    assert run("compose-lint", "check", "--fail-on", "high", bad).returncode != 0


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_is_well_made(dockerfile: Path) -> None:
    found = run("hadolint", "--no-color", dockerfile)
    assert found.returncode == 0, found.stdout
    text = dockerfile.read_text()
    assert re.search(r"^USER 65532:65532$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert "--constraint requirements/runtime.txt" in text
    # Its files cannot be written to: what is not compiled when it is built is compiled at each start and health check.
    assert "--compile-bytecode" in text


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_an_image_of_its_own_that_asks_its_own_health(service: str, compose: dict[str, Any]) -> None:
    dockerfile = ROOT / compose[service]["build"]["dockerfile"]
    assert f'CMD ["python", "-m", "{service}", "--check-health"]' in dockerfile.read_text()
    others = set(SERVICES) - {service}
    assert not [other for other in others if re.search(rf"^COPY .*\b{other}\b", dockerfile.read_text(), re.MULTILINE)]


def test_images_are_pinned_by_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose.values()]
    images += re.findall(r"^FROM (\S+)", "\n".join(path.read_text() for path in DOCKERFILES), re.MULTILINE)
    assert [image for image in images if not re.search(r":v?\d+\.\d+", image)] == []


def test_each_service_has_its_own_database_network_and_folder(compose: dict[str, Any]) -> None:
    for service in SERVICES:
        own = compose[service]
        assert f"@postgres:5432/{service}" in own["environment"][f"TONGGUAN_{service.upper()}__DATABASE_URL"]
        assert [network for network in own["networks"] if network.endswith("-database")] == [f"{service}-database"]
        assert [volume["volume"]["subpath"] for volume in own["volumes"]] == [service]


def test_whoever_acts_on_one_machine_has_an_identity_in_the_composed_district(tmp_path: Path) -> None:
    """The script that the container runs, in a folder of ours."""
    script = (ROOT / "deploy" / "identities" / "issue.sh").read_text().replace("/identities", str(tmp_path))
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "DISTRICT": "ningbo"}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    persons = {path.replace("/", "-") for path in IDENTITIES.values()} - {"gateway"}
    assert {path.stem for path in (tmp_path / "persons").glob("*.key")} == persons
    assert (tmp_path / "customs" / "signing.key").exists()


def test_no_secret_stands_in_a_file_that_is_committed(compose: dict[str, Any]) -> None:
    values = {
        f"{name}={value}" for service in compose.values() for name, value in service.get("environment", {}).items()
    }
    assert [value for value in values if re.search(r"(?i)(password|secret|token)(?!_file)[^=]*=", value)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_each_setting_of_the_composed_district_is_a_real_one(service: str, compose: dict[str, Any]) -> None:
    """The service itself reads them: it refuses a name it does not know and says where each value came from."""
    environment = compose[service]["environment"]
    done = subprocess.run(
        [sys.executable, "-m", service, "--print-settings"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    taken = set(re.findall(r"^(\w+) = .*# environment;", done.stdout, re.MULTILINE))
    assert {f"{service}.{name}" for name in taken} == set_fields(environment)


def test_the_collector_joins_what_it_receives_to_where_it_goes() -> None:
    collector = yaml.safe_load((ROOT / "deploy" / "collector.yaml").read_text())
    for name, pipeline in collector["service"]["pipelines"].items():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= set(collector[kind]), f"{name}: {kind}"
    assert set(collector["service"]["extensions"]) <= set(collector["extensions"])
    assert json.dumps(collector["receivers"]["otlp"]["protocols"]["grpc"]) == '{"endpoint": "0.0.0.0:4317"}'


def test_what_runs_in_a_container_is_nobody_and_writes_to_nothing_of_its_own(compose: dict[str, Any]) -> None:
    for name, service in compose.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name
    for name in SERVICES:
        assert compose[name]["user"] == "65532:65532"
        assert all(volume["read_only"] for volume in compose[name]["volumes"])


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_deployed_runs_as_in_production(service: str, compose: dict[str, Any]) -> None:
    """So that it serves no reflection and refuses fault switches."""
    assert compose[service]["environment"][f"TONGGUAN_{service.upper()}__PRODUCTION"] == "true"
