"""The field lines of a head that a parser checks, split and looked up by name. Knows lines; does not know messages."""

from crossgate.http.message import Fields

_MEMO_SIZE = 2048  # names come from peers: what is remembered about them is bounded
_BLANKS = b" \t"


class FieldTable:
    """Splits field lines. Remembers names as they were written, so that most need not be made lower-case again."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names = _Names()

    def read(self, head: bytes, begin: int, end: int) -> dict[bytes, bytes] | Fields | None:
        """The values by lower-case name; as lines where a name repeats; None where a line has no name.

        The lines are `head[begin:end]`, each with its CRLF in front. Values come without their outer blanks.
        """
        block = head[begin:end]
        lines = block.split(b"\r\n")
        del lines[0]
        names = self._names
        fields: Fields
        # Nearly always a single blank stands behind each colon, and no other around the value.
        if b":  " not in block and b" \r" not in block and b"\t" not in block and block[-1:] != b" ":
            try:
                by_name = {names[name]: value for name, value in [line.split(b": ", 1) for line in lines]}
            except ValueError:
                pass  # `name:value`
            else:
                if len(by_name) == len(lines):
                    return by_name
        fields = []
        for line in lines:
            name, colon, value = line.partition(b":")
            if not colon or not name:
                return None
            fields.append((name.lower(), value.strip(_BLANKS)))
        by_name = dict(fields)
        return by_name if len(by_name) == len(fields) else fields


class _Names(dict[bytes, bytes]):
    """Name as written -> lower case."""

    def __missing__(self, name: bytes) -> bytes:
        if b":" in name:
            raise ValueError(name)  # `name:value: more`
        lower = name.lower()
        if len(self) < _MEMO_SIZE and len(name) <= 64:
            self[name] = lower
        return lower
