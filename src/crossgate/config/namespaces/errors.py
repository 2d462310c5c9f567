"""The `crossgate/errors` namespace: the form of the gateway's own error answers."""

from typing import Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.report import Report

ErrorStyle = Literal["krakend", "http"]

ERRORS_KEYS = KeyTable(
    "crossgate/errors",
    Manner.OWN,
    (
        Key(
            "style",
            Kind.TEXT,
            "`krakend`: statuses and bodies as KrakenD gives them; `http`: 502, 503 and 504 where they are due.",
            "krakend",
            choices=("krakend", "http"),
        ),
    ),
)


def decode_errors(namespace: Namespace | None, version: Literal[2, 3], report: Report) -> ErrorStyle:
    """The style, `krakend` where nothing is said."""
    if namespace is None:
        return "krakend"
    if not isinstance(namespace.value, dict):
        report.error("CFG220", namespace.path, '"crossgate/errors" must be an object', hint='write {"style": "http"}')
        return "krakend"
    fields = Fields(namespace.value, namespace.path, ERRORS_KEYS, version, report)
    style = fields.text("style", "krakend")
    if style == "http":
        return "http"
    if style != "krakend":
        report.error(
            "CFG220", fields.at("style"), f'"style" cannot be "{style[:60]}"', hint='write "krakend" or "http"'
        )
    return "krakend"
