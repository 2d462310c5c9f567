"""sprig's functions that draw lots, and the one that asks the network. Source: sprig 3.2.3, goutils 1.1.1."""

import base64
import ipaddress
import string
import uuid

from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.sprig.world import World

_MAX_LENGTH = 1_000_000
_ASCII = "".join([chr(code) for code in range(32, 127)])


class _Lots:
    def __init__(self, world: World) -> None:
        self._world = world

    def text(self, alphabet: str, length: int) -> str:
        if length > _MAX_LENGTH:
            raise GoError(f"more than {_MAX_LENGTH} random characters")
        return "".join([alphabet[self._world.random_below(len(alphabet))] for _ in range(length)])

    def number(self, low: int, high: int) -> int:
        if high <= low:
            raise GoError("invalid argument to Intn")
        return low + self._world.random_below(high - low)

    def raw(self, count: int) -> str:
        if count < 0:
            raise GoError("runtime error: makeslice: len out of range")
        if count > _MAX_LENGTH:
            raise GoError(f"more than {_MAX_LENGTH} random bytes")
        return base64.b64encode(self._world.random_bytes(count)).decode()

    def shuffled(self, text: str) -> str:
        letters = list(text)
        for last in range(len(letters) - 1, 0, -1):
            other = self._world.random_below(last + 1)
            letters[last], letters[other] = letters[other], letters[last]
        return "".join(letters)

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self._world.random_bytes(16), version=4))


def _host_address(name: str) -> str:
    """DEVIATION(DEV-TMPL-1): a name would be looked up in DNS; a configuration does not depend on who answers."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        raise GoError(f"getHostByName does not look up names: {name}") from None


def chance(world: World) -> dict[str, Function]:
    """The functions that need random bytes."""
    lots = _Lots(world)
    alphabets = {
        "randAlpha": string.ascii_letters,
        "randAlphaNum": string.ascii_letters + string.digits,
        "randAscii": _ASCII,
        "randNumeric": string.digits,
    }
    return {
        **{name: go_function("int", lambda length, a=a: lots.text(a, length)) for name, a in alphabets.items()},
        "getHostByName": go_function("string", _host_address),
        "randBytes": go_function("int", lots.raw),
        "randInt": go_function("int, int", lots.number),
        "shuffle": go_function("string", lots.shuffled),
        "uuidv4": go_function("", lots.uuid),
    }
