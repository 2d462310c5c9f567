"""A plugin at one place: imported, made by its factory, entered and left with the gateway.

Knows modules and factories; does not know what a plugin is called with. What a module or factory raises prevents the
start, or the reload.
"""

import asyncio
import inspect
import json
import logging
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from crossgate.components.component import StartError
from crossgate.components.plugins.calling import Calling, Function, contained
from crossgate.components.plugins.naming import Named
from crossgate.plugins import Setup

KINDS: Mapping[str, tuple[str, ...]] = {
    "plugin/http-server": ("gate", "around", "rewrite"),
    "plugin/http-client": ("execute",),
    "plugin/req-resp-modifier": ("modify_request", "modify_response"),
}
"""The methods that count, by the namespace that names a plugin."""

ENTER_SECONDS = 30.0
LEAVE_SECONDS = 5.0
"""How long a plugin may take to begin, and to end."""

_ON_THE_LOOP = ("around", "rewrite")
_TAKES = {"around": 2, "execute": 2}  # what methods are called with, where that is not one thing


def load(named: Named) -> Callable[[Setup], object]:
    """The factory. Raises StartError."""
    module, _, attributes = named.target.partition(":")
    if named.origin == "file" and named.folder and named.folder not in sys.path:
        sys.path.append(named.folder)  # last: nothing in it takes the place of what is installed
    try:
        found: Any = import_module(module)
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except BaseException as error:  # a module's SystemExit, too, says that it cannot be had
        raise _cannot_start(named, "cannot be loaded", error) from error
    if not callable(found):
        raise StartError(f'the plugin "{named.name}" ({named.target}) at {named.path} is nothing that can be called')
    factory: Callable[[Setup], object] = found
    return factory


def setup_of(named: Named, log: logging.Logger) -> Setup:
    """What its factory is told: a copy of its own."""
    block = json.loads(named.block)
    config = block.get(named.name)
    return Setup(named.name, config if isinstance(config, dict) else {}, block, named.place, named.url_path, log)


class Instance:
    """A plugin that a factory made. Survives reloads that leave its part of the file as it is."""

    def __init__(self, named: Named, namespace: str, log: logging.Logger) -> None:
        """Raises StartError."""
        self._named = named
        self._log = log
        factory = load(named)
        try:
            self.plugin = factory(setup_of(named, log))
        except BaseException as error:
            raise _cannot_start(named, "cannot be made", error) from error
        if inspect.iscoroutine(self.plugin):
            self.plugin.close()
            raise StartError(f'the plugin "{named.name}" ({named.target}) at {named.path} has a factory that is async')
        self._methods = [name for name in KINDS[namespace] if callable(getattr(self.plugin, name, None))]
        if not self._methods:
            wanted = " or ".join(f"{name}()" for name in KINDS[namespace])
            kind = type(self.plugin).__name__
            raise StartError(
                f'the plugin "{named.name}" ({named.target}) at {named.path} has no {wanted}, as {namespace} needs: '
                f"its factory gave {kind}"
            )
        self._is_blocking = bool(getattr(self.plugin, "blocking", False))
        for name in self._methods:
            wrong = self._fault_of(name)
            if wrong:
                raise StartError(
                    f'the plugin "{named.name}" ({named.target}) at {named.path} cannot be called: {name}() {wrong}'
                )
        self._entered = False

    def _fault_of(self, name: str) -> str:
        """Why a method could never be called; empty where it can be, or where nobody knows."""
        method = getattr(self.plugin, name)
        if inspect.iscoroutinefunction(method):
            if name == "rewrite":
                return "is async, and has to say where a request leads at once"
            if self._is_blocking and name not in _ON_THE_LOOP:
                return "is async, and the plugin says blocking = True: it is either"
        try:
            signature = inspect.signature(method)
        except (TypeError, ValueError):  # of what is not written in Python
            return ""
        count = _TAKES.get(name, 1)
        try:
            signature.bind(*range(count))
        except TypeError:
            return f"is called with {count} argument{'s' if count > 1 else ''}, and takes {signature}"
        return ""

    @property
    def has_plain_functions(self) -> bool:
        """Whether something of it may run on the event loop without awaiting."""
        return not self._is_blocking

    def function(self, method: str, calling: Calling) -> Function | None:
        """One of its methods, to be called; None where it does not have it."""
        if method not in self._methods:
            return None
        return Function(
            self._named.name,
            getattr(self.plugin, method),
            calling,
            is_blocking=self._is_blocking and method not in _ON_THE_LOOP,
            needs_body=bool(getattr(self.plugin, "needs_body", False)),
        )

    async def start(self) -> None:
        """Enter it. Raises StartError."""
        enter = getattr(self.plugin, "__aenter__", None)
        if enter is None:
            return
        task = asyncio.get_running_loop().create_task(contained(enter))
        try:
            await asyncio.wait((task,), timeout=ENTER_SECONDS)
        finally:
            task.cancel()  # of one that is done nothing comes
        if not task.done():
            raise _cannot_start(self._named, "cannot begin", TimeoutError(f"not within {ENTER_SECONDS:g} s"))
        error = task.result()[1]
        if error is not None:
            raise _cannot_start(self._named, "cannot begin", error) from error
        self._entered = True

    async def stop(self) -> None:
        """Leave it."""
        if not self._entered:
            return
        self._entered = False
        leave = self.plugin.__aexit__  # type: ignore[attr-defined] # it has been entered
        task = asyncio.get_running_loop().create_task(contained(leave, None, None, None))
        await asyncio.wait((task,), timeout=LEAVE_SECONDS)  # what ends must not hold up the others
        if not task.done():
            task.cancel()
            self._log.error("the plugin %s has not ended within %g s", self._named.name, LEAVE_SECONDS)
        elif (error := task.result()[1]) is not None:
            self._log.error("the plugin %s failed while it ended", self._named.name, exc_info=error)


def _cannot_start(named: Named, what: str, error: BaseException) -> StartError:
    return StartError(
        f'the plugin "{named.name}" ({named.target}) at {named.path} {what}: {type(error).__name__}: {error}'
    )
