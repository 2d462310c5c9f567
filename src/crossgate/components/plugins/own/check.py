"""Whether one of our own plugins can be made from a file's block: found out when the file is read.

Other people's are not made before the gateway starts.
"""

import logging

from crossgate.components.plugins.naming import Named


def fault_of(named: Named, space: str) -> str:
    """Why it cannot be; empty where it can."""
    from crossgate.components.component import StartError
    from crossgate.components.plugins.instance import Instance

    try:
        Instance(named, space, logging.getLogger("crossgate"))
    except StartError as error:
        cause = error.__cause__
        return str(cause) if isinstance(cause, (ValueError, OSError)) else str(error)
    return ""
