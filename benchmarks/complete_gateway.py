"""A complete gateway in this process, from configuration text: what the benchmarks without processes look into."""

import json
import logging
from typing import Any

from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway


async def started_gateway(config: dict[str, Any], logger: logging.Logger) -> RunningGateway:
    """It listens on a free port of the running loop, until it is closed."""
    loaded = load_text(json.dumps(config).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    return await start_gateway(loaded.config, ServeOptions(port=0, components=COMPONENTS), environ={}, logger=logger)
