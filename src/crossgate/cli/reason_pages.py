"""The pages that explain reason codes, from the reasons themselves. Knows Markdown; does not know requests."""

from collections.abc import Mapping

from crossgate.cli.rule_pages import page_text
from crossgate.components.all_reasons import all_reasons
from crossgate.http.reason import Reason

GROUPS = {
    "route": "Routing",
    "path": "The path",
    "request": "The request itself",
    "response": "The response",
    "cors": "CORS",
    "host": "`security/http`: the host",
    "bot": "`security/bot-detector`: the client",
    "token": "`auth/validator`: the token",
    "key": "`auth/api-keys`: the key",
    "basic": "`auth/basic`: username and password",
    "limit": "Limits",
    "overload": "Overload",
    "schema": "`validation/json-schema`: the body",
    "cel": "`validation/cel`: expressions",
    "lua": "Lua scripts",
    "martian": "`modifier/martian`",
    "plugin": "Plugins",
    "graphql": "`backend/graphql`",
    "cache": "`qos/http-cache`",
    "breaker": "`qos/circuit-breaker`",
    "signer": "`auth/signer`",
    "endpoint": "The endpoint as a whole",
    "upstream": "Backends",
    "gateway": "The gateway itself",
}
"""First words of codes, in the order in which a request meets them."""

_INTRO = """\
# Reason codes

Every request that the gateway refuses has a reason code from the list below. You find the code

* in the access log: `reason` in the [JSON format](../logs.md), `{reason}` in a format of your own;
* in the metrics: `crossgate_refusals_total{endpoint, reason}`, and `reason` of `crossgate_auth_decisions_total`;
* in the response header `X-Crossgate-Reason`, for clients that may [see it](../components/explain.md).

`crossgate rule CODE` prints the page of a code, and [`crossgate explain`](../explain.md) names the line of your file
that refuses a request.

An error status that a `no-op` backend returns is passed on and has no reason code: it is the backend's. Where the
gateway decodes responses, an error status of the backend is `upstream.status`, with `return_error_code` or
`return_error_details`, too, although the client then gets the backend's status or text.

Each page shows a request and what its client gets, in KrakenD's style and with
`"crossgate/errors": {"style": "http"}`."""


def reason_page(reason: Reason) -> str:
    """The page of one reason."""
    happened = f"{reason.says[0].upper()}{reason.says[1:]}."
    return f"# {reason.code}\n\n## What happened\n\n{happened}\n\n## What to do\n\n{reason.remedy}"


def page_of_code(code: str) -> str:
    """The page of a reason code or a diagnostic code. Raises LookupError where there is none."""
    reason = all_reasons().get(code)
    return page_text(code) if reason is None else reason_page(reason)


def reason_index() -> str:
    """All reasons by group, linked to their pages."""
    found = all_reasons()
    parts = []
    for group, title in GROUPS.items():
        lines = [f"| [{code}]({code}.md) | {one.says} |" for code, one in found.items() if code.startswith(f"{group}.")]
        parts.append("\n".join([f"## {title}", "", "| code | what happened |", "|---|---|", *lines]))
    return "\n\n".join(parts)


def reason_documentation(examples: Mapping[str, str]) -> dict[str, str]:
    """The files of `docs/reasons/`. `examples` are sections by code, shown below what the page says."""
    pages = {f"{code}.md": f"{reason_page(reason)}\n\n{examples[code]}\n" for code, reason in all_reasons().items()}
    return {"README.md": f"{_INTRO}\n\n{reason_index()}\n", **pages}
