"""A complete gateway in this process, from configuration text: what the benchmarks without processes look into."""

import json
import logging
from typing import Any

from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway
from crossgate.transport.dial import Dial, dial


async def started_gateway(config: dict[str, Any], logger: logging.Logger, dial: Dial = dial) -> RunningGateway:
    """It listens on a free port of the running loop, until it is closed. `dial` opens connections to backends."""
    loaded = load_text(json.dumps(config).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    options = ServeOptions(port=0, components=COMPONENTS)
    return await start_gateway(loaded.config, options, environ={}, logger=logger, dial=dial)
