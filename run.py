"""LEC on one machine with one command: `python run.py` (or `make run`, which installs what it needs first)."""

import os
import sys

import config
from app.devservers.stack import run, say


def main() -> int:
    os.umask(0o077)  # what the servers, logs and e-mails hold is for this account only
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
