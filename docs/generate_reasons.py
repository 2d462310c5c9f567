"""Writes `docs/reasons/` anew from the reasons themselves and what clients get. A test notices when that is due."""  # noqa: INP001

from crossgate.cli.reason_pages import reason_documentation
from docs.generated import write_folder
from tests.support.refusal_examples import examples

if __name__ == "__main__":
    write_folder("reasons", reason_documentation(examples()))
