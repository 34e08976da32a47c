"""Turns the contract's sources into Python and into the image that buf reads.

python tools/generate.py code [FOLDER]     the committed package (default contract/src)
python tools/generate.py image FILE        descriptors with comments, for `buf lint` and `buf breaking`
python tools/generate.py baseline FILE     the same without comments, for the baseline of a release
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import grpc_tools
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.rpc import code_pb2, error_details_pb2, status_pb2
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parents[1]
RULES = "buf/validate/validate.proto"
GIVEN = (
    *(any_pb2, descriptor_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2),
    *(code_pb2, status_pb2, error_details_pb2),
)


def given_descriptors() -> bytes:
    """Everything the contract imports but does not hold, in dependency order: protoc needs no third-party source."""
    files = [descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb) for module in GIVEN]
    files.append(descriptor_pb2.FileDescriptorProto.FromString(validate_pb._DESC.proto.to_binary()))
    return descriptor_pb2.FileDescriptorSet(file=files).SerializeToString()


def compile_protos(sources: Path, arguments: list[str], extra: tuple[str, ...] = ()) -> None:
    """Runs protoc on every .proto below `sources`."""
    names = sorted(path.relative_to(sources).as_posix() for path in sources.rglob("*.proto"))
    if not names:
        raise SystemExit(f"no .proto files below {sources}")
    with tempfile.NamedTemporaryFile(suffix=".binpb") as given:
        given.write(given_descriptors())
        given.flush()
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={given.name}", f"-I{sources}"]
        subprocess.run([*command, *arguments, *names, *extra], check=True, env=protoc_environment())


def protoc_environment() -> dict[str, str]:
    """The mypy plug-ins are found beside the interpreter that runs this file, whatever the caller's PATH."""
    return {"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(Path(grpc_tools.__file__).parents[1])}


def write_image(image: Path, sources: Path = ROOT / "protos") -> None:
    """Today's contract with its comments, for `buf lint`."""
    compile_protos(sources, ["--include_imports", "--include_source_info", f"-o{image}"])


def write_baseline(image: Path, sources: Path = ROOT / "protos") -> None:
    """What a release promises: no comments, so that only a change of meaning changes the file."""
    compile_protos(sources, ["--include_imports", f"-o{image}"])


def write_code(target: Path, sources: Path = ROOT / "protos") -> None:
    """Replaces the generated files below `target`, all or none; files of others there are left alone."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        compile_code(fresh, sources)
        kept = {path.relative_to(fresh) for path in generated(fresh)}
        for name in sorted(kept):
            destination = target / name
            destination.parent.mkdir(parents=True, exist_ok=True)
            if not destination.exists() or destination.read_bytes() != (fresh / name).read_bytes():
                shutil.copyfile(fresh / name, destination)
    for old in generated(target):
        if old.relative_to(target) not in kept:
            old.unlink()


def compile_code(target: Path, sources: Path) -> None:
    """Messages, asynchronous services and their types; no service file where there is no service."""
    outputs = [f"--python_out={target}", f"--mypy_out=quiet:{target}"]
    outputs += [f"--grpc_python_out={target}", f"--mypy_grpc_out=quiet,only_async:{target}"]
    compile_protos(sources, outputs, extra=(RULES,))
    for module in target.rglob("*_pb2_grpc.py"):
        if "class " not in module.read_text():
            module.unlink()
            module.with_suffix(".pyi").unlink()


def generated(folder: Path) -> Iterator[Path]:
    """Every generated file below a folder."""
    patterns = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")
    return iter(sorted(path for pattern in patterns for path in folder.rglob(pattern)))


def main(arguments: list[str]) -> None:
    match arguments:
        case ["code"]:
            write_code(ROOT / "contract" / "src")
        case ["code", folder]:
            write_code(Path(folder))
        case ["image", file]:
            write_image(Path(file))
        case ["baseline", file]:
            write_baseline(Path(file))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
