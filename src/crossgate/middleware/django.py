"""CORS for Django: `"crossgate.middleware.django.CORSMiddleware"` as the first of MIDDLEWARE, and `CROSSGATE_CORS`.

Knows Django's requests, responses and settings; decides nothing itself. Needs Django. Behind both of its handlers: an
instance is synchronous or asynchronous as what comes after it is.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from crossgate.cors import ConfigError, CorsPolicy, Decision
from crossgate.cors.edits import TOUCHED_FIELDS
from crossgate.middleware.observer import Observer
from crossgate.middleware.wsgi import cors_fields

SETTING = "CROSSGATE_CORS"

GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]
_SPELLINGS = {name: name.decode().title() for name in TOUCHED_FIELDS}


class CORSMiddleware:
    """Answers preflights, and sets the CORS fields of every response that passes: errors and debug pages too.

    Django turns an exception into a response before it gets here. What middleware listed before this one answers itself
    has no CORS fields, so list this one first. WebSockets do not pass here: wrap the ASGI application for those.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        """Raises ImproperlyConfigured, which stops Django, where the setting is missing or wrong."""
        self.get_response = get_response
        self.policy = policy_from_settings()
        self._upstream: Literal["strip", "pass", "prefer"] = self.policy.config.upstream.value
        self._observer = Observer(self.policy, None, None)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """One request."""
        if self._is_async:
            return self._respond_async(request)
        decision = self._decide(request)
        response = _preflight_answer(decision)
        if response is None:
            response = self._edit(cast("HttpResponseBase", self.get_response(request)), decision)
        return response

    async def _respond_async(self, request: HttpRequest) -> HttpResponseBase:
        decision = self._decide(request)
        response = _preflight_answer(decision)
        if response is None:
            response = self._edit(await cast("Awaitable[HttpResponseBase]", self.get_response(request)), decision)
        return response

    def _decide(self, request: HttpRequest) -> Decision:
        fields = cors_fields(request.META)
        method = (request.method or "").encode("latin-1", "replace")
        decision = self.policy.decide(method, fields)
        if not self._observer.is_idle:
            self._observer.observe(decision, method, request.path, fields)
        return decision

    def _edit(self, response: HttpResponseBase, decision: Decision) -> HttpResponseBase:
        # Django has one value for a name, so these few are all that edits look at.
        before = [
            (name, response.headers[spelling].encode("latin-1", "replace"))
            for name, spelling in _SPELLINGS.items()
            if spelling in response.headers
        ]
        after: dict[bytes, list[bytes]] = {}
        for name, value in decision.edits.apply(before, self._upstream):
            after.setdefault(name, []).append(value)
        for name, _ in before:
            if name not in after:
                del response.headers[_SPELLINGS[name]]
        for name, values in after.items():
            response.headers[_SPELLINGS[name]] = b", ".join(values).decode("latin-1")
        return response


def policy_from_settings() -> CorsPolicy:
    """The policy of the setting: a CorsPolicy, or a KrakenD CORS block (its `version: 3` meaning)."""
    value: Any = getattr(settings, SETTING, None)
    if isinstance(value, CorsPolicy):
        return value
    if isinstance(value, Mapping):
        try:
            return CorsPolicy.from_krakend(value, config_version=3)
        except ConfigError as error:
            raise ImproperlyConfigured(f"{SETTING}: {error}") from error
    told = "is missing" if value is None else f"is a {type(value).__name__}"
    raise ImproperlyConfigured(f"{SETTING} {told}: it has to be a crossgate.CorsPolicy or a KrakenD CORS block")


def _preflight_answer(decision: Decision) -> HttpResponseBase | None:
    status = decision.preflight_status
    if status is None:
        return None
    response = HttpResponse(status=status)
    del response.headers["Content-Type"]
    if status != 204:
        response.headers["Content-Length"] = "0"
    for name, value in decision.edits.lines:
        response.headers[_SPELLINGS[name]] = value.decode("latin-1")
    return response
