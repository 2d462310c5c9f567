"""From an endpoint's data to a response with signed tokens in it.

Source: krakend-jose v2 `gin/jose.go` TokenSigner.
"""

import logging
from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.signer.config import SignerConfig
from crossgate.components.signer.reasons import FAILED, NO_KEY
from crossgate.golang.json_text import encode_json
from crossgate.http.message import Response, refusal
from crossgate.http.reason import UPSTREAM_STATUS
from crossgate.jose.algorithms import key_kind, load_algorithms, sign
from crossgate.jose.base64url import encode_base64url
from crossgate.jose.key_source import FixedKeys, KeySource
from crossgate.jose.key_sources import KeySources
from crossgate.jose.keys import Key
from crossgate.pipeline.joined import Answer
from crossgate.pipeline.proxy import Proxy, ProxyRequest
from crossgate.plan import EndpointPlan, Plan

_JSON = (b"content-type", b"application/json; charset=utf-8")


class SignerPart(Part):
    """One worker's signers."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        load_algorithms()
        self._log = surroundings.log
        self._sources = KeySources(
            surroundings.keep, surroundings.timers, surroundings.log, plan.identity.user_agent, surroundings.dial
        )

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        """Whoever needs a key first has it fetched."""
        return True

    def answer(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Answer | None:
        """What makes the response of one endpoint."""
        config: SignerConfig = value
        keys = self._sources.of(config.url) if config.url is not None else config.fixed or FixedKeys(())
        return _Signing(config, keys, proxy, endpoint.config.path, self._log)

    def not_ready(self) -> str:
        """While a key set has never been had."""
        return self._sources.missing()


class _Signing:
    """One endpoint's. 401 without a key, 400 where the backends fail or the key does not fit.

    DEVIATION(DEV-SIGN-1): KrakenD looks for keys once, at the start, and for no-op endpoints copies a Content-Length
    that is another body's.
    """

    def __init__(
        self, config: SignerConfig, keys: KeySource | FixedKeys, proxy: Proxy, endpoint: str, log: logging.Logger
    ) -> None:
        self._config = config
        self._keys = keys
        self._proxy = proxy
        self._endpoint = endpoint
        self._log = log
        header = {"alg": config.algorithm, "kid": config.kid, "typ": config.typ}
        self._protected = encode_base64url(encode_json(header))

    async def __call__(self, request: ProxyRequest) -> Response:
        """The response."""
        key = await self._key()
        if key is None:
            return refusal(401, NO_KEY)
        try:
            response = await self._proxy(request)
            response.discard()
            if response.errors:
                raise response.errors[0]  # noqa: TRY301 # a failure beside data counts as one without
            data = dict(response.data or {})
            for name in self._config.fields:
                if isinstance(data.get(name), dict):
                    data[name] = self._signed(encode_json(data[name]), key)
            status = response.status or 200
            reason = response.reason or UPSTREAM_STATUS if status >= 400 else None
            return Response(status, [_JSON], encode_json(data), reason=reason)
        except Exception as error:  # noqa: BLE001 # every failure has the same answer; the log has the reason
            self._log.error("[ENDPOINT: %s] not signed: %s", self._endpoint, str(error).replace("\n", " "))
            return refusal(400, FAILED)

    async def _key(self) -> Key | None:
        config, keys = self._config, self._keys
        if config.refuses:
            return None
        key = keys.known("kid", config.kid)
        if key is None and keys.may_fetch("kid", config.kid):
            key = await keys.fetched("kid", config.kid)
        return key if key is not None and key.may_sign(config.algorithm) else None

    def _signed(self, payload: bytes, key: Key) -> str:
        if key.curve != key_kind(self._config.algorithm).curve:
            raise ValueError("the key is on another curve than the algorithm's")
        text = encode_base64url(payload)
        signing_input = self._protected + b"." + text
        signature = encode_base64url(sign(self._config.algorithm, key.material, signing_input))
        if not self._config.is_full:
            return (signing_input + b"." + signature).decode()
        full = b'{"payload":"%b","protected":"%b","signature":"%b"}' % (text, self._protected, signature)
        return full.decode()
