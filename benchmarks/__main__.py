"""`python -m benchmarks [--rounds N] [--out FILE]`: run, print Markdown, write it to FILE."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import counting  # noqa: F401 (its listener must stand before any client is made)
from benchmarks.report import markdown
from benchmarks.run import bench_folder, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="turns a page and system (slow pages take fewer)")
    parser.add_argument("--out", type=Path, help="file for the Markdown, besides the terminal")
    given = parser.parse_args()
    text = markdown(run(bench_folder(), given.rounds, lambda line: print(line, file=sys.stderr, flush=True)))
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
