"""Renders the chart as Helm does, in a process of its own: Helm's library brings Go's runtime along.

Standard input has sets of values as a list in JSON. Standard output gets what lint says and then, for each set, the
manifests' texts by template, or the error as a text.
"""

import json
import sys
from typing import Any

import helm_python


def main() -> None:
    """Render every set of values."""
    folder = sys.argv[1]
    found: list[Any] = [helm_python.lint(folder)]
    with helm_python.Chart.load(folder) as chart:
        for values in json.load(sys.stdin):
            try:
                chart.validate_schema(chart.merge_values(values))
                found.append(chart.render(values, name="edge", namespace="web"))
            except helm_python.HelmError as error:
                found.append(str(error))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
