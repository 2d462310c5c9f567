"""Two compiled plans compared: which requests are answered otherwise, decided over classes of requests, not samples."""

from crossgate.compare.difference import Difference, Example, Kind, Place
from crossgate.compare.grouped import Grouped, grouped
from crossgate.compare.plans import compare_plans

__all__ = ["Difference", "Example", "Grouped", "Kind", "Place", "compare_plans", "grouped"]
