"""LEC on one machine with one command: `python run.py` (or `make run`, which installs what it needs first)."""

import sys

import config
from app.devservers.stack import run, say


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # Thai on any locale
    try:
        settings = config.load()
    except config.ConfigError as error:
        say(error.th, error.en)
        return 1
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
