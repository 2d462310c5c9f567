"""How the transport writes the fields of requests."""

from crossgate.http.field_lines import FieldLines
from crossgate.transport.request_head import OWN_FIELDS

LINES = FieldLines(OWN_FIELDS)
