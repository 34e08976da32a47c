"""python -m customs: runs the service. --help lists what it can be told."""

from agencykit.host import run_service
from customs.app import build
from customs.storage.retention import KEEPING

if __name__ == "__main__":
    run_service(build, "customs", keeping=KEEPING)
