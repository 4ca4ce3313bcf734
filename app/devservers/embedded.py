"""What the embedded servers have in common: one child process, its data folder and its Unix socket."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from app.devservers.processes import Child
from app.devservers.sockets import SocketFolder


class EmbeddedServer(ABC):
    """A server that keeps its data in `folder`; start it from a main thread (see `die_with_parent`)."""

    name: str
    socket_name: str
    patience: float
    """Seconds that an orderly end may take."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.folder = Path(folder).resolve()
        self.log = log or self.folder / f"{self.name}.log"
        self._child: Child | None = None
        self._socket: SocketFolder | None = None

    @property
    def child(self) -> Child:
        assert self._child is not None, "not started"
        return self._child

    @property
    def socket(self) -> SocketFolder:
        assert self._socket is not None, "not started"
        return self._socket

    def launch(self) -> None:
        """Start the process without waiting for it. Raises Problem where there is no server program."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._socket = SocketFolder(self.folder, self.socket_name)
        self._child = Child(self.name, self._command(self._socket), self.log)

    @abstractmethod
    def wait_ready(self, seconds: float = 30) -> None:
        """Wait until it can be used. Raises Problem with the server's own reason when it cannot."""

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop(self.patience)
        if self._socket is not None:
            self._socket.close()

    def __enter__(self) -> Self:
        try:
            self.launch()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @abstractmethod
    def _command(self, socket: SocketFolder) -> list[str]:
        """The program with its arguments."""
