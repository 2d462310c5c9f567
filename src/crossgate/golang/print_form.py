"""How Go's fmt prints decoded JSON with `%v`: `map[a:1 b:[x y]]`, `<nil>`, `true`.

Knows values; does not know that `respN_` variables are made of it.
"""

from typing import Any

from crossgate.golang.number import number_text


def parameter_text(value: Any) -> str:
    """The text of a value as a `respN_` variable: as `print_form`, but a list's items are joined by commas.

    An empty list gives an empty text. Source: lura 2.13 `proxy/merging.go`.
    """
    if isinstance(value, list):
        return ",".join([print_form(item) for item in value])
    return print_form(value)


def print_form(value: Any) -> str:
    """The text `fmt.Sprintf("%v", value)` gives, map keys sorted bytewise. Any depth; cost is linear.

    Source: Go 1.22 `fmt/print.go`.
    """
    if isinstance(value, str):
        return value
    out: list[str] = []
    todo: list[tuple[str, Any]] = [("", value)]  # text, then a value unless it is _NOTHING
    while todo:
        text, item = todo.pop()
        out.append(text)
        if item is _NOTHING:
            continue
        if isinstance(item, dict):
            todo.append(("]", _NOTHING))
            keys = sorted(item)
            todo.extend([(f"{' ' if n else ''}{keys[n]}:", item[keys[n]]) for n in range(len(keys) - 1, -1, -1)])
            todo.append(("map[", _NOTHING))
        elif isinstance(item, list):
            todo.append(("]", _NOTHING))
            todo.extend([(" " if n else "", item[n]) for n in range(len(item) - 1, -1, -1)])
            todo.append(("[", _NOTHING))
        else:
            out.append(_scalar(item))
    return "".join(out)


_NOTHING = object()


def _scalar(value: Any) -> str:
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) or str(value)
