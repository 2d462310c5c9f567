"""The lab behind the gateway's own server, on loopback. Wiring only."""

import asyncio
import logging

from crossgate.config.model import LimitsConfig
from crossgate.demo.lab import Lab
from crossgate.flow.timers import Timers
from crossgate.server.serve import Server, start_server

LabServer = Server


async def start_lab_server(lab: Lab, port: int = 0) -> LabServer:
    """Serve the lab's experiments on 127.0.0.1. Port 0: a free one, see `.port`. Raises OSError."""
    log = logging.getLogger("crossgate.demo.lab")
    log.setLevel(logging.ERROR)  # that a policy replaces a backend's CORS fields is what some experiments are about
    timers = Timers(asyncio.get_running_loop().time)
    return await start_server(lab, limits=LimitsConfig(), timers=timers, host="127.0.0.1", port=port, log=log)
