"""What a process serves with, whatever it serves at the moment. Knows how a configuration is read off the loop."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from crossgate.config.model import ServiceConfig
from crossgate.gateway.generation import ServeOptions, plan_of
from crossgate.gateway.source import Reading, Source
from crossgate.plan import Plan


@dataclass(frozen=True, slots=True)
class Site:
    """The source of configurations, the command line, the environment and the log."""

    source: Source
    options: ServeOptions
    environ: Mapping[str, str]
    logger: logging.Logger

    async def read(self, watched: tuple[str, ...]) -> tuple[Reading, Plan | None]:
        """Read the configuration anew, in a thread: requests go on. The plan is None where there are errors."""
        return await asyncio.get_running_loop().run_in_executor(None, partial(self._read, watched))

    def _read(self, watched: tuple[str, ...]) -> tuple[Reading, Plan | None]:
        reading = self.source.read(watched)
        config = reading.loaded.config
        return reading, None if config is None else plan_of(config, self.options, self.environ)

    def tell_what_stays(self, before: ServiceConfig, after: ServiceConfig) -> None:
        """Say what only a restart changes."""
        if (before.listen_ip, before.port) != (after.listen_ip, after.port) and self.options.port is None:
            self.logger.warning(
                "the gateway goes on listening where it does: another port or listen_ip needs a restart"
            )
        if before.log.own_lines != after.log.own_lines:
            self.logger.warning(
                "the gateway's own log lines go on as they are: another place or form for them needs a restart"
            )


def described(config: ServiceConfig) -> str:
    """A configuration in a few words."""
    return f"{len(config.endpoints)} endpoints, CORS {'off' if config.cors is None else 'on'}"
