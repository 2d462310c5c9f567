"""The field lines of a head, one by one. For heads of which no parser gives fields: names repeat, or it was refused."""

from crossgate.http.message import Fields

_BLANKS = b" \t"


def split_fields(lines: bytes) -> Fields | None:
    """The fields of lines that each have their CRLF in front, values without outer blanks; None: one has no name."""
    fields: Fields = []
    for line in lines.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name:
            return None
        fields.append((name.lower(), value.strip(_BLANKS)))
    return fields
