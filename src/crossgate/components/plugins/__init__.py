"""Plugins in Python where a file names Go plugins."""

from crossgate.components.plugins.component import Plugins

__all__ = ["Plugins"]
