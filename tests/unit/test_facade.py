"""What `import crossgate` gives, and what it costs."""

import json
import subprocess
import sys

import pytest

import crossgate


def modules_after(statement):
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stdout))


def test_the_names_of_applications_stand_at_the_top():
    from crossgate import ConfigError, CORSMiddleware, CorsPolicy
    from crossgate.cors import ConfigError as ErrorOfEngine
    from crossgate.cors import CorsPolicy as PolicyOfEngine
    from crossgate.middleware.asgi import CORSMiddleware as AsgiMiddleware

    assert (CorsPolicy, ConfigError, CORSMiddleware) == (PolicyOfEngine, ErrorOfEngine, AsgiMiddleware)


def test_every_name_is_there_and_listed():
    assert set(crossgate.__all__) <= set(dir(crossgate))
    for name in crossgate.__all__:
        assert getattr(crossgate, name)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'CorsPolice'"):
        _ = crossgate.CorsPolice


def test_importing_crossgate_loads_none_of_its_rooms():
    assert {name for name in modules_after("import crossgate") if name.startswith("crossgate")} == {"crossgate"}


@pytest.mark.parametrize(
    "statement",
    ["from crossgate import CorsPolicy, CORSMiddleware", "import crossgate.middleware.asgi, crossgate.middleware.wsgi"],
)
def test_middleware_brings_no_other_package_and_no_gateway(statement):
    before = modules_after("pass")
    loaded = modules_after(statement) - before
    foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"crossgate"}
    assert foreign == set()
    rooms = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("crossgate.")}
    assert rooms <= {
        "crossgate.cors",
        "crossgate.diagnostics",
        "crossgate.golang",
        "crossgate.http",
        "crossgate.middleware",
    }
