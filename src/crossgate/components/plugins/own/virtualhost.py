"""`virtualhost`: requests to known hosts lead to endpoints of their own, under `/__virtual/HOST`.

Those endpoints can be reached through their host alone. Source: the public documentation of KrakenD Enterprise 2.7.
"""

from urllib.parse import unquote

from crossgate.components.plugins.own.reading import check_names, read_object, read_texts
from crossgate.plugins import Request, Setup

FOLDER = "/__virtual"
_NOBODY = f"{FOLDER}/-"


class VirtualHost:
    """Knows hosts, and under which name the endpoints of each are."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError."""
        config = setup.config
        check_names(config, ("hosts", "aliased_hosts"))
        hosts, aliased = read_texts(config, "hosts", ()), read_object(config, "aliased_hosts")
        if bool(hosts) == bool(aliased):
            raise ValueError('either "hosts" or "aliased_hosts" must say which hosts there are')
        if not all(isinstance(host, str) for host in aliased.values()):
            raise ValueError('each value of "aliased_hosts" must be a host')
        names = {**{host: host for host in hosts}, **{host: alias for alias, host in aliased.items()}}
        self._names = {_without_port(host): name for host, name in names.items()}

    def rewrite(self, request: Request) -> str | None:
        """The path under the host's folder."""
        name = self._names.get(_without_port(request.host))
        if name is not None:
            return f"{FOLDER}/{name}{request.path}"
        return _NOBODY if FOLDER in unquote(request.path).lower() else None


def _without_port(host: str) -> str:
    """The host in lower case, without a port that is the usual one."""
    return host.lower().removesuffix(":80").removesuffix(":443").rstrip(".")
