"""The `crossgate/drain` namespace: what happens between the order to stop and the end. Ours alone."""

from typing import Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.report import Report

DRAIN_KEYS = KeyTable(
    "crossgate/drain",
    Manner.OWN,
    (
        Key(
            "delay",
            Kind.DURATION,
            "How long `/__ready` says 503, and connections are still taken, before the gateway stops taking them.",
            "0s",
        ),
    ),
)


def decode_drain(namespace: Namespace | None, version: Literal[2, 3], report: Report) -> float:
    """The delay in seconds, 0 where nothing is said."""
    if namespace is None:
        return 0.0
    if not isinstance(namespace.value, dict):
        report.error("CFG220", namespace.path, '"crossgate/drain" must be an object', hint='write {"delay": "5s"}')
        return 0.0
    fields = Fields(namespace.value, namespace.path, DRAIN_KEYS, version, report)
    seconds = fields.nanoseconds("delay") / 1e9
    if seconds < 0:
        report.error("CFG220", fields.at("delay"), '"delay" must not be negative', hint='write a duration such as "5s"')
        return 0.0
    return seconds
