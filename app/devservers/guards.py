"""What is checked before and after a start: nobody else in the data folder, a free port, a web that answers."""

import fcntl
import http.client
import os
import socket
from pathlib import Path
from typing import TextIO

import config
from app.errors import Problem


def lock_data_folder(data_dir: Path) -> TextIO:
    """The held lock. Raises Problem when another run.py holds it, ConfigError when the folder cannot be written."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(data_dir / config.RUN_LOCK, "a+")  # noqa: SIM115 (held until stop)
    except OSError as error:
        raise config.unwritable(data_dir, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid = lock.read().strip()
        lock.close()
        raise Problem(
            f"มี LEC อีกชุด (process {pid}) ใช้โฟลเดอร์ข้อมูล {data_dir} อยู่: หยุดชุดนั้นก่อน หรือกำหนด LEC_DATA_DIR เป็นโฟลเดอร์อื่น",
            f"Another LEC (process {pid}) uses the data folder {data_dir}: stop it, or set LEC_DATA_DIR to another.",
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def refuse_busy_port(port: int) -> None:
    """Raise Problem when LEC cannot listen on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(
                f"ใช้พอร์ต {port} ไม่ได้ ({error.strerror}): หยุดโปรแกรมที่ใช้พอร์ตนี้ หรือกำหนด PORT เป็นเลขอื่น",
                f"Port {port} cannot be used ({error.strerror}): stop the program that has it, or set PORT to another.",
            ) from error


def answers_ready(port: int, whole: bool = True) -> bool:
    """Whether web and database are there, by GET /readyz; `whole`: queue, workers and schedule too."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"/readyz?strict={int(whole)}")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
