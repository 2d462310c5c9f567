"""What can be wrong with a configuration, as data: diagnostics, the table of their codes, and how they are shown."""

from crossgate.diagnostics.diagnostic import WORST_FIRST, Diagnostic, Fix, Severity, Span
from crossgate.diagnostics.json_report import render_json
from crossgate.diagnostics.sarif import render_sarif
from crossgate.diagnostics.text import render_text

__all__ = ["WORST_FIRST", "Diagnostic", "Fix", "Severity", "Span", "render_json", "render_sarif", "render_text"]
