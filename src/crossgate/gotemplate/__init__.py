"""Go's text/template, complete, over values as Go has them; and the sprig functions beside it, in `sprig`.

    templates = TemplateSet(functions)
    templates.parse("main", "Hello {{ .name }}")
    templates.execute("main", {"name": "Gopher"}).text

Pure: what a function needs of the world (clock, randomness, environment, files) comes with the function.
"""

from crossgate.gotemplate.errors import GoError, TemplateError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.output import Origin, Rendered
from crossgate.gotemplate.template_set import TemplateSet

__all__ = ["Function", "GoError", "Origin", "Rendered", "TemplateError", "TemplateSet", "go_function"]
