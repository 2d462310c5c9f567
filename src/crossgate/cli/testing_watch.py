"""Files whose changes have tests run again: edited, renamed into place, deleted, come back, or new.

Folders are watched rather than files, since a file that is replaced or deleted is another one when it is back. Knows
the disk; does not know tests.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import watchfiles

_STEP_MS = 200


@dataclass(slots=True)
class WatchedFiles:
    """The files in `watched`, which may grow; all in the folders among `given`; without any, new ones like `pattern`
    beside those watched.
    """

    watched: set[str]
    given: Sequence[str]
    pattern: str
    _folders: frozenset[str] = frozenset()
    _changes: Iterator[set[tuple[watchfiles.Change, str]]] | None = field(default=None, repr=False)
    _early: bool = False

    def arm(self) -> None:
        """From here on no change is missed, nor one that was made since the last call."""
        folders = frozenset(self._wanted())
        if folders == self._folders:
            return
        self._folders = folders
        self._changes = watchfiles.watch(
            *sorted(folders),
            watch_filter=self._counts,
            recursive=False,
            yield_on_timeout=True,
            rust_timeout=_STEP_MS,
            raise_interrupt=True,
        )
        self._early = bool(next(self._changes))  # returns when the watch stands

    def wait(self) -> None:
        """Until something has changed."""
        while self._changes is not None and not self._early:
            self._early = bool(next(self._changes))
        self._early = False

    def _wanted(self) -> Iterator[str]:
        for name in self.watched:
            folder = Path(name).absolute().parent
            while not folder.is_dir():
                folder = folder.parent
            yield str(folder)
        for name in self.given:
            if Path(name).is_dir():
                yield from (folder for folder, _, _ in os.walk(Path(name).absolute()))

    def _counts(self, _change: watchfiles.Change, path: str) -> bool:
        name = Path(path)
        if path in {str(Path(each).absolute()) for each in self.watched}:
            return True
        if any(Path(each).is_dir() and name.is_relative_to(Path(each).absolute()) for each in self.given):
            return name.suffix.lower() in (".json", ".yaml", ".yml", ".toml")
        return not self.given and fnmatch(name.name, self.pattern)
