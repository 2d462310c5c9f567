"""What becomes of a path that has no route: a redirect to one that has, a refusal of the method, or nothing is there.

A verdict knows which route it is about, so that the answer can be that route's. Works on decoded paths; writes no
answers.

Source: gin 1.12 `gin.go` handleHTTPRequest.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from crossgate.config.model import RouterConfig
from crossgate.pipeline.router import Router, clean_path

T = TypeVar("T")

_MAX_REDIRECTS = 4  # gin needs three at most for the slashes, the case and the slash at the end


@dataclass(frozen=True, slots=True)
class Redirect:
    """To `path`, which is not yet clean. `turns_slash` where gin puts X-Forwarded-Prefix in front."""

    path: bytes
    turns_slash: bool


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The path has routes for these methods only, in order of their registration."""

    methods: tuple[bytes, ...]


class Judge(Generic[T]):
    """Verdicts on the paths of one gateway."""

    __slots__ = ("_options", "_router")

    def __init__(self, router: Router[T], options: RouterConfig) -> None:
        self._router = router
        self._options = options

    def judge(self, method: bytes, path: bytes, original: bytes) -> Redirect | NotAllowed | None:
        """The verdict on a path without a route; None: nothing is there.

        `path` is what was looked for, `original` the same before slashes were taken out (`remove_extra_slash`).
        """
        options = self._options
        routes = self._router.by_method.get(method)
        if routes is not None and path != b"/" and method != b"CONNECT":
            if not options.disable_redirect_trailing_slash and routes.recommends_other_slash(path):
                return Redirect(_other_slash(original), turns_slash=True)
            if not options.disable_redirect_fixed_path:
                fixed = routes.find_fixed(original)
                if fixed is not None:
                    return Redirect(fixed, turns_slash=False)
        if not options.disable_handle_method_not_allowed:
            others = self._router.find_others(method, path)
            if others:
                return NotAllowed(tuple(others))
        return None

    def route_of(self, method: bytes, original: bytes) -> T | None:
        """The route that an answer is about: the one taken, where redirects end, or the first that a 405 is about.

        A plain OPTIONS is about the first of the path's other methods, whether it has a route of its own or not.
        """
        for _ in range(_MAX_REDIRECTS):
            path = clean_path(original) if self._options.remove_extra_slash else original
            match = self._router.find(method, path)
            if match is not None and method != b"OPTIONS":
                return match[0]
            verdict = None if match is not None else self.judge(method, path, original)
            if not isinstance(verdict, Redirect):
                if match is None and verdict is None:
                    return None
                return next(iter(self._router.find_others(method, path).values()), None)
            original = clean_path(verdict.path)
        return None


def _other_slash(path: bytes) -> bytes:
    return path[:-1] if len(path) > 1 and path.endswith(b"/") else path + b"/"
