"""The whole way of the demo page's calls at the demo's own gateway, as plain data for the page.

Asks the same configuration on a stand, in a thread of its own, since a stand runs a loop of its own.
"""

import asyncio
import os
import time
from typing import Any

from crossgate.components import all_components
from crossgate.config import Loaded
from crossgate.cors.fetch import FetchRequest, parse_url
from crossgate.diagnostics import Span
from crossgate.explain.asked import AskedRequest
from crossgate.explain.explainer import Explainer
from crossgate.explain.explanation import Explanation


class DemoWay:
    """Explains calls. `loaded` is what the demo's gateway runs."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    async def __call__(self, request: FetchRequest, body: bytes) -> dict[str, Any]:
        """What becomes of a request once its preflight, if there is one, has let it pass."""
        return await asyncio.to_thread(self._explain, request, body)

    def _explain(self, request: FetchRequest, body: bytes) -> dict[str, Any]:
        loaded = self._loaded
        assert loaded.config is not None and loaded.document is not None  # noqa: S101, PT018 # the demo runs it
        url = parse_url(request.url)
        asked = AskedRequest(
            request.method,
            "http",
            url.authority,
            url.target,
            (("Origin", request.origin), *request.headers),
            body or None,
            origin=request.origin,
        )
        with Explainer(loaded, loaded.config, loaded.document, all_components(), os.environ, time.time()) as explainer:
            return _shown(explainer.explain(asked))


def _shown(explanation: Explanation) -> dict[str, Any]:
    return {
        "answer": explanation.answer,
        "status": explanation.status,
        "reason": explanation.reason or None,
        "meaning": " ".join(filter(None, (explanation.meaning, explanation.detail))),
        "place": _at(explanation.span),
        "fix": None if explanation.change is None else explanation.change.text,
        "steps": [
            {
                "component": step.component,
                "namespace": step.namespace,
                "outcome": "failed" if step.outcome == "refused" else "passed",
                "reason": step.reason,
                "place": _at(step.span),
            }
            for step in explanation.steps
        ],
        "backends": [f"{one.method} {one.scheme}://{one.authority}{one.target}" for one in explanation.received],
    }


def _at(span: Span | None) -> str:
    return "" if span is None else f"{span.file}:{span.line}"
