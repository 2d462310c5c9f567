"""Other people's components: what installed distributions name under the entry point group `crossgate.components`.

Knows how they are found; does not know what they do.
"""

from collections.abc import Set as AbstractSet
from importlib.metadata import entry_points

from crossgate.components.component import Component

GROUP = "crossgate.components"


class ComponentError(Exception):
    """A component cannot be had. `str()` says which and why."""


def installed_components(*, taken: AbstractSet[str]) -> tuple[Component, ...]:
    """Them, in the order of their entry points' names; `taken` are names that none of them may have.

    An entry point names a subclass of Component. One that cannot be loaded raises ComponentError: it may be a guard.
    """
    components: list[Component] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            found = entry.load()
            component = found() if isinstance(found, type) else found
        except Exception as error:
            raise ComponentError(f'the component "{entry.name}" ({entry.value}) cannot be loaded: {error}') from error
        if not isinstance(component, Component):
            raise ComponentError(f'the component "{entry.name}" ({entry.value}) is no crossgate.components.Component')
        if component.name in taken or any(other.name == component.name for other in components):
            raise ComponentError(f'there are two components called "{component.name}"')
        components.append(component)
    return tuple(components)
