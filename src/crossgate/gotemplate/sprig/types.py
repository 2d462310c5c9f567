"""sprig's questions about types. Source: sprig 3.2.3 `reflect.go`."""

from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.values import deep_equal, kind_of, type_of

TYPES: dict[str, Function] = {
    "deepEqual": go_function("any, any", deep_equal),
    "kindIs": go_function("string, any", lambda kind, value: kind == kind_of(value)),
    "kindOf": go_function("any", kind_of),
    "typeIs": go_function("string, any", lambda name, value: name == type_of(value)),
    "typeIsLike": go_function("string, any", lambda name, value: type_of(value) in (name, f"*{name}")),
    "typeOf": go_function("any", type_of),
}
