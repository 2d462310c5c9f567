"""Where the gateway's own lines go."""

import logging
import socket
import threading
from pathlib import Path

import pytest

from crossgate.gateway.log import SystemLog


def test_a_system_log_that_does_not_read_holds_nobody_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as system:
        system.bind(str(tmp_path / "log"))
        handler = SystemLog(str(tmp_path / "log"))
        record = logging.LogRecord("crossgate", logging.INFO, "", 0, "x" * 1000, (), None)
        writing = threading.Thread(target=lambda: [handler.handle(record) for _ in range(2000)], daemon=True)
        writing.start()
        writing.join(60)
        assert not writing.is_alive()
        assert system.recv(2000).endswith(b"x\0")
        handler.close()
    assert capsys.readouterr().err == ""
