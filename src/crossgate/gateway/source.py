"""Where a configuration comes from: a file, with the environment and the command line that it is read with, each time.

Knows how to read it so that what was read belongs together; does not know who serves it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crossgate.components.component import Component
from crossgate.config import load_file
from crossgate.config.load import Loaded
from crossgate.config.read_file import STANDARD_INPUT
from crossgate.gateway.file_states import States, digest_of, states_of

_READINGS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and the state of the files at that time. `states` are of everything in `loaded.watched`."""

    loaded: Loaded
    states: States

    @property
    def digest(self) -> str:
        """Equal for readings of the same contents."""
        return digest_of(self.states)


@dataclass(frozen=True, slots=True)
class Source:
    """See above. `show` puts the diagnostics of a reading before whoever runs the gateway."""

    path: str
    environ: Mapping[str, str]
    components: tuple[Component, ...] = ()
    strict: bool = False
    allow_unsupported: bool = False
    show: Callable[[Loaded], object] = field(default=lambda _: None)

    @property
    def can_be_read_again(self) -> bool:
        """Standard input cannot."""
        return self.path != STANDARD_INPUT

    def read(self, watched: tuple[str, ...] = ()) -> Reading:
        """The configuration as it is now. Never raises for what is on disk or in it.

        `watched` are the files that it is likely to be read from. Where one of them changes meanwhile it is read again,
        a few times at most: nobody should serve half of one version and half of the next.
        """
        watched = (watched or (self.path,)) if self.can_be_read_again else ()
        for _ in range(_READINGS):
            before = states_of(watched)
            loaded = load_file(
                self.path,
                environ=self.environ,
                allow_unsupported=self.allow_unsupported,
                strict=self.strict,
                components=self.components,
            )
            watched = loaded.watched if self.can_be_read_again else ()
            states = states_of(watched)
            if all(states.get(path, state) == state for path, state in before.items()):
                break
        return Reading(loaded, states)
