"""Writes `docs/reasons/` anew from the reasons themselves. A test notices when that is due."""  # noqa: INP001

from crossgate.cli.reason_pages import reason_documentation
from docs.generated import write_folder

if __name__ == "__main__":
    write_folder("reasons", reason_documentation())
