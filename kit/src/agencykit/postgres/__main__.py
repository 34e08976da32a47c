"""`python -m agencykit.postgres serve --folder DIR --database NAME…`: becomes the server; SIGINT ends it at once.

`… ready --folder DIR --seconds N` waits until it answers.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from agencykit.postgres.binaries import PostgresMissing
from agencykit.postgres.server import USER, become, cluster_in, prepare

LOOK_SECONDS = 0.05


def main() -> int:
    parser = argparse.ArgumentParser("python -m agencykit.postgres", description=(__doc__ or "").partition("\n")[0])
    deeds = parser.add_subparsers(dest="deed", required=True)
    serving = deeds.add_parser("serve", help="make what is missing, and become the server")
    serving.add_argument("--database", action="append", default=[], metavar="NAME", help="made if it is not there")
    waiting = deeds.add_parser("ready", help="wait until it answers")
    waiting.add_argument("--seconds", type=float, default=30.0)
    for each in (serving, waiting):
        each.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    folder = given.folder.resolve()
    try:
        return _serve(folder, given.database) if given.deed == "serve" else _ready(folder, given.seconds)
    except PostgresMissing as error:
        print(f"postgres: {error}", file=sys.stderr)
        return 1


def _serve(folder: Path, databases: list[str]) -> int:
    cluster = cluster_in(folder)
    prepare(cluster, databases)
    become(cluster.user)
    command = cluster.command()
    os.chdir(folder)
    os.execv(command[0], command)


def _ready(folder: Path, seconds: float) -> int:
    import psycopg

    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres", connect_timeout=2).close()
            return 0
        except psycopg.OperationalError as error:
            if time.monotonic() >= deadline:
                print(f"postgres: {error}", file=sys.stderr)
                return 1
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
