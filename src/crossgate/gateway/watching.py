"""Watches the files that a configuration was read from, and says when what is in them has changed.

The system tells that something happened in a folder; whether it matters, contents decide. So links that lead elsewhere
(Kubernetes swaps a whole folder of a ConfigMap by one) are seen, and files touched without a change are not. Where the
system tells nothing (network file systems), files are looked at now and then.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from crossgate.gateway.file_states import States, states_of

LOOK_MILLISECONDS = 5000
"""Files are looked at that often even if nothing was told."""

_MAX_LINKS = 40


class Watcher:
    """Watches from when `run` is; `changed` is called after each change, never twice for one."""

    def __init__(self, states: States, changed: Callable[[], object]) -> None:
        self._states = states
        self._changed = changed
        self._moved = asyncio.Event()

    def watch(self, states: States) -> None:
        """Watch other files from now on; these are their states as far as is known."""
        self._states = states
        self._moved.set()

    async def run(self) -> NoReturn:
        """Until cancelled."""
        from watchfiles import awatch

        while True:
            self._moved.clear()
            await self._look()
            folders = folders_of(self._states)
            async for _ in awatch(
                *folders,
                watch_filter=None,
                debounce=200,
                step=50,
                stop_event=self._moved,
                rust_timeout=LOOK_MILLISECONDS,
                yield_on_timeout=True,
                recursive=False,
            ):
                await self._look()
                if folders_of(self._states) != folders:
                    break

    async def _look(self) -> None:
        known = self._states
        states = await asyncio.get_running_loop().run_in_executor(None, states_of, tuple(known))
        if known is self._states and states != known:
            self._states = states
            self._changed()


def folders_of(paths: Iterable[str]) -> list[str]:
    """The folders in which a name that changes may change what is at these paths; those of links on the way, too."""
    folders: dict[str, None] = {}
    for path in paths:
        _add_folders(Path(path).absolute(), folders)
    return sorted(folders)


def _add_folders(path: Path, folders: dict[str, None]) -> None:
    links = 0
    if path.is_dir():
        folders[os.path.realpath(path)] = None
    while True:
        folder = path.parent
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        folders[os.path.realpath(folder)] = None
        link = next((part for part in (path, *path.parents) if part.is_symlink()), None)
        if link is None or links >= _MAX_LINKS:
            return
        links += 1
        folders[os.path.realpath(link.parent)] = None
        path = link.parent / link.readlink() / path.relative_to(link)
