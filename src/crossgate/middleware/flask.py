"""CORS for Flask, as its extensions are written: `CORS(app, policy)`, or `CORS(policy=policy)` and `init_app` later.

Knows where Flask takes WSGI middleware; all else is the WSGI middleware's. Needs Flask.
"""

import logging

from flask import Flask

from crossgate.cors import CorsPolicy, Counters
from crossgate.middleware.wsgi import CORSMiddleware, ExceptionMode

EXTENSION = "crossgate_cors"
"""The key in `app.extensions` under which an application's middleware stands."""


class CORS:
    """Puts the WSGI middleware around applications; see there for `exceptions`.

    Made with `app` it does so at once. A policy given to `init_app` is for that application alone.
    """

    def __init__(
        self,
        app: Flask | None = None,
        policy: CorsPolicy | None = None,
        *,
        exceptions: ExceptionMode = "auto",
        counters: Counters | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        self.policy = policy
        self._exceptions: ExceptionMode = exceptions
        self._counters = counters
        self._logger = logger
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, policy: CorsPolicy | None = None) -> None:
        """Take an application in. Raises TypeError without a policy, RuntimeError where it has one already."""
        policy = self.policy if policy is None else policy
        if policy is None:
            raise TypeError("CORS needs a policy: CORS(app, policy), or init_app(app, policy)")
        if EXTENSION in app.extensions:
            raise RuntimeError("this application has a CORS policy already: a second would contradict the first")
        middleware = CORSMiddleware(
            app.wsgi_app, policy, exceptions=self._exceptions, counters=self._counters, logger=self._logger
        )
        app.extensions[EXTENSION] = middleware
        app.wsgi_app = middleware  # type: ignore[method-assign] # where Flask's documentation says that it belongs
