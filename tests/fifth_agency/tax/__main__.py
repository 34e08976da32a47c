"""python -m tax"""

from agencykit.host import run_service
from tax.app import build

if __name__ == "__main__":
    run_service(build, "tax")
