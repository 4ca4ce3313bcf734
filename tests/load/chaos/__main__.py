"""`python -m tests.load.chaos --minutes 15 --events 60 --seed 1`: everything fails, and nothing is lost.

`--short` is the small installation of the suite. `--keep FOLDER` leaves logs there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.load.chaos.report import lines
from tests.load.chaos.run import run
from tests.load.chaos.shape import SHORT, WHOLE


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.load.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="fewer programs, writers and recipients; shorter leases")
    parser.add_argument("--keep", type=Path, help="an empty folder for data and logs, which stay there")
    given = parser.parse_args()
    shape = SHORT if given.short else WHOLE
    with tempfile.TemporaryDirectory(prefix="lec-chaos-", ignore_cleanup_errors=True) as folder:
        place = given.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        outcome, journal = run(place.resolve(), shape, given.minutes * 60, given.events, given.seed)
        for line in lines(outcome, journal):
            print(line)
    sys.exit(not outcome.is_good)


if __name__ == "__main__":
    main()
