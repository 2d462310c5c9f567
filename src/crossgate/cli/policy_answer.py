"""Reads one policy that was pasted into the demo's page: the process in which that is done.

Plain data goes out, all of it.
"""

from typing import Any

import msgspec

from crossgate.cli.pasted_answer import answer_one, told, worst_first
from crossgate.demo.pasted import read_pasted


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What a text is taken for: see `crossgate.demo.playground`. `config` is the policy's, None where CORS is off."""
    pasted = read_pasted(question["policy"], question["version"])
    return {
        "starts": pasted.starts,
        "config": None if pasted.policy is None else msgspec.to_builtins(pasted.policy.config),
        **worst_first(pasted.diagnostics, told),
        "note": pasted.note,
        "version": pasted.version,
        "block": pasted.block,
    }


if __name__ == "__main__":
    answer_one(answer)
