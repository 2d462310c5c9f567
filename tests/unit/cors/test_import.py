"""What `import crossgate.cors` brings along: nothing from outside the standard library, no gateway, no I/O."""

import json
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "src"
PROGRAM = f"""
import json, sys
before = set(sys.modules)
sys.path.insert(0, {str(SOURCE)!r})
import crossgate.cors
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_importing_the_engine_needs_the_standard_library_alone():
    # -S: no site-packages at all; -I: nothing from the environment.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", PROGRAM], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "crossgate.cors" in loaded
    foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"crossgate"}
    assert not foreign
    rooms = {name.split(".")[1] for name in loaded if name.startswith("crossgate.")}
    assert rooms == {"cors", "diagnostics", "golang"}
    assert not loaded & {"asyncio", "socket", "logging", "uvloop", "httptools"}
