"""Writes `docs/rules/` anew from the rules' own pages. A test notices when that is due."""  # noqa: INP001

from crossgate.cli.rule_pages import documentation
from docs.generated import write_folder

if __name__ == "__main__":
    write_folder("rules", documentation())
