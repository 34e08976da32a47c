"""The committed package is what the sources say, no more and no less."""

from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def differences(generator: ModuleType, committed: Path, fresh: Path) -> list[str]:
    here = {path.relative_to(committed): path.read_text() for path in generator.generated(committed)}
    there = {path.relative_to(fresh): path.read_text() for path in generator.generated(fresh)}
    return sorted(str(name) for name in here.keys() | there.keys() if here.get(name) != there.get(name))


def test_the_committed_package_is_what_the_sources_generate(generator: ModuleType, tmp_path: Path) -> None:
    generator.write_code(tmp_path)
    assert differences(generator, ROOT / "contract" / "src", tmp_path) == [], "run `make generate`"


def test_a_hand_edited_module_is_noticed(generator: ModuleType, tmp_path: Path) -> None:
    generator.write_code(tmp_path)
    edited = tmp_path / "clearance" / "common" / "v1" / "money_pb2.py"
    edited.write_text(edited.read_text() + "\nEXTRA = 1\n")
    assert differences(generator, ROOT / "contract" / "src", tmp_path) == ["clearance/common/v1/money_pb2.py"]


def test_the_contract_package_holds_nothing_written_by_hand(generator: ModuleType) -> None:
    source = ROOT / "contract" / "src"
    files = {path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert files - set(generator.generated(source)) == {source / "clearance" / "py.typed"}
