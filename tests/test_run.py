"""`python run.py`: ready soon, keeps its data, leaves no process behind, says clearly why it cannot start."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest
import redis
from pymongo import MongoClient

from app.devservers.guards import answers_ready
from app.queues import WORKERS
from tests.devservers.proc import alive, wait_gone
from tests.devservers.running import free_port, run_to_its_end, running

PROGRAMS = ("mongod", "valkey-server", *WORKERS, "tasks.worker beat", "gunicorn")


def the_sentence(lines: list[str]) -> str:
    """The English half of what was said last; its Thai half stands on the line above, and nothing else was said."""
    said = [line for line in lines if "Starting LEC" not in line and "กำลังเริ่ม" not in line]
    assert len(said) == 2, said
    return said[1]


def start_counted(addresses: dict[str, str]) -> tuple[int, int]:
    """How often this was called on the same data, by MongoDB and by Valkey."""
    with MongoClient(addresses["MONGODB_URI"]) as client, redis.Redis.from_url(addresses["REDIS_URL"]) as queue:
        starts = client.get_default_database().test_starts
        starts.insert_one({})
        return starts.count_documents({}), int(queue.incr("test-starts"))


@pytest.mark.timeout(240)
def test_it_keeps_its_data_and_leaves_no_process_behind(tmp_path: Path) -> None:
    data_dir, port = tmp_path / "var", free_port()

    with running(data_dir, port) as stack:
        assert stack.seconds_to_ready < 90, "10 on a quiet machine; this catches what hangs"
        children = stack.children()
        assert all(any(program in command for command in children.values()) for program in PROGRAMS), children
        assert f"http://127.0.0.1:{port}" in stack.output.read_text()
        assert "demo_accounts.json" in stack.output.read_text()
        accounts = (data_dir / "demo_accounts.json").read_bytes()
        assert start_counted(stack.addresses()) == (1, 1)

        code, lines = run_to_its_end(data_dir, free_port())
        assert code != 0
        assert f"process {stack.process.pid}" in the_sentence(lines)

        assert stack.end(signal.SIGTERM) == 0
        assert not stack.children()
        assert not any(alive(pid) for pid in children)

    with running(data_dir, port) as stack:
        assert stack.seconds_to_ready < 90, "10 on a quiet machine; this catches what hangs"
        assert (data_dir / "demo_accounts.json").read_bytes() == accounts
        assert start_counted(stack.addresses()) == (2, 2)
        children = stack.children()
        assert stack.end(signal.SIGKILL) == -signal.SIGKILL
        assert wait_gone(children)
        assert not stack.children()

    with running(data_dir, port) as stack:
        assert start_counted(stack.addresses()) == (3, 3)
        assert stack.end(signal.SIGINT) == 0
        assert not stack.children()


@pytest.mark.timeout(120)
def test_a_lost_worker_is_replaced_and_a_lost_database_ends_all(tmp_path: Path) -> None:
    with running(tmp_path / "var", free_port()) as stack:
        workers = {pid for pid, command in stack.children().items() if "worker-imports@" in command}
        os.kill(min(workers), signal.SIGKILL)
        assert wait_gone(workers), "its pool processes must not outlive it"
        deadline = time.monotonic() + 20
        while "worker-imports@" not in " ".join(stack.children().values()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert answers_ready(stack.port)
        assert "worker-imports" in stack.output.read_text().splitlines()[-1]

        os.kill(stack.child("mongod"), signal.SIGKILL)
        assert stack.process.wait(60) == 1
        assert "mongod ended by itself (exit -9" in stack.output.read_text().splitlines()[-1]
        assert not stack.children()


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, lines = run_to_its_end(tmp_path / "var", port)
    assert code != 0
    assert the_sentence(lines).startswith(f"Port {port} cannot be used")


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # permissions would not hinder root
    code, lines = run_to_its_end(tmp_path / "file" / "var", free_port())
    assert code != 0
    assert the_sentence(lines).startswith(f"The data folder {tmp_path / 'file' / 'var'} cannot be written")
    code, lines = run_to_its_end(tmp_path / "file", free_port(), SECRET_KEY="given, so that nothing is written earlier")
    assert code != 0
    assert the_sentence(lines).startswith(f"The data folder {tmp_path / 'file'} cannot be written")


def test_a_mongodb_that_does_not_start_ends_it_with_the_reason(tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "mongod"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    path = f"{broken.parent}{os.pathsep}{os.environ['PATH']}"
    code, lines = run_to_its_end(tmp_path / "var", free_port(), PATH=path)
    assert code != 0
    assert the_sentence(lines).startswith("MongoDB did not start (exit 1)")


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    code, lines = run_to_its_end(tmp_path / "var", free_port(), MONGODB_URI="db:27017")
    assert code != 0
    assert the_sentence(lines).startswith("MONGODB_URI has a value that cannot be used")
