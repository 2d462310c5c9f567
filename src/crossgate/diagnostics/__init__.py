"""What can be wrong with a configuration, as data: diagnostics, the table of their codes, and how they are shown."""

from crossgate.diagnostics.diagnostic import Diagnostic, Severity, Span

__all__ = ["Diagnostic", "Severity", "Span"]
