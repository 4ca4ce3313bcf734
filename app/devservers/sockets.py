"""Where an embedded server's Unix socket goes: beside its data, or in a private folder where that path is too long."""

import shutil
import socket
import tempfile
from pathlib import Path

LONGEST_PATH = 107  # bytes: sun_path of sockaddr_un(7) less its closing zero


class SocketFolder:
    """The folder that holds one server's socket `name`; `close` removes what was made outside the data folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._private: Path | None = None
        if len(bytes(folder.resolve() / name)) > LONGEST_PATH:
            folder = self._private = Path(tempfile.mkdtemp(prefix="lec-", dir=_short_temporary_folder(name)))
        self.path = folder.resolve() / name
        self.path.unlink(missing_ok=True)  # left by a server that was killed

    def answers(self) -> bool:
        """Whether somebody accepts connections there."""
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.path))
            except OSError:
                return False
        return True

    def close(self) -> None:
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)


def _short_temporary_folder(name: str) -> str:
    usual = tempfile.gettempdir()
    fits = len(usual.encode()) + len("/lec-xxxxxxxx/") + len(name) <= LONGEST_PATH
    return usual if fits else "/tmp"  # noqa: S108 (mkdtemp makes a private folder in it)
