"""A namespace opened for reading. Knows what KrakenD does with one that is no object; not what its keys mean."""

from typing import Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields
from crossgate.config.keys import KeyTable
from crossgate.config.report import Report


def open_namespace(
    namespace: Namespace | None, table: KeyTable, version: Literal[2, 3], report: Report
) -> Fields | None:
    """Its fields; None where there is no such namespace, or none that counts."""
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        report.warning(
            "CFG217", namespace.path, "this is ignored: a namespace must be an object", krakend="ignores it silently"
        )
        return None
    return Fields(namespace.value, namespace.path, table, version, report)
