"""KrakenD's flexible configuration: a file that is a Go template, its settings, partials and templates.

What it renders to goes the way of any other text; what is wrong with that is then shown where it was written.
"""

from crossgate.config.flexible.options import FlexibleOptions, any_flexible_options, flexible_options
from crossgate.config.flexible.rendering import Rendering, render_configuration

__all__ = ["FlexibleOptions", "Rendering", "any_flexible_options", "flexible_options", "render_configuration"]
