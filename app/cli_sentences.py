"""How a command of the terminal refuses: one line that a person can act on, Thai first, and the exit code 1."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import click
from mongoengine.connection import get_db
from pymongo.errors import PyMongoError

from app import db
from app.backup.marker import refuse_unfinished
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from config import ConfigError

_Parameters = ParamSpec("_Parameters")


def in_sentences(command: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """Say what a person can put right in one line, Thai first, and end with 1; the database must be whole."""
    return _told(command, _whole_database)


def in_sentences_during_restore(command: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """`in_sentences` for what may work on a database whose restore has not ended."""
    return _told(command, db.ping)


def in_sentences_without_database(command: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """`in_sentences` for what needs no database."""
    return _told(command, lambda: None)


def _whole_database() -> None:
    db.ping()
    refuse_unfinished(get_db())


def _told(command: Callable[_Parameters, None], prepare: Callable[[], object]) -> Callable[_Parameters, None]:
    @functools.wraps(command)
    def run(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> None:
        try:
            prepare()
            command(*args, **kwargs)
        except (Problem, ConfigError) as problem:
            fail(f"{problem.th} / {problem.en}")
        except WriteRefused as refused:
            fail(str(refused))
        except PyMongoError as error:
            # Its text may hold values of rows, so only its kind is shown.
            fail(f"MongoDB ทำงานนี้ไม่สำเร็จ โปรดลองใหม่ / MongoDB could not do this; try again ({type(error).__name__}).")

    return run


def fail(sentence: str) -> None:
    """Write a sentence to standard error and end with 1."""
    click.echo(sentence, err=True)
    sys.exit(1)


def cannot_open(name: object, error: OSError) -> Problem:
    """What to say of a file that cannot be opened."""
    return Problem(f"เปิดไฟล์ {name} ไม่ได้ ({error.strerror})", f"{name} cannot be opened ({error.strerror}).")
