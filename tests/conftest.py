"""What holds for all tests."""

import os

from hypothesis import HealthCheck, settings

# Each run tries the same examples, so that a failure is a change's and not the day's; CROSSGATE_RANDOM=1 looks for new
# ones. A slow machine is no fault.
settings.register_profile(
    "crossgate",
    derandomize=os.environ.get("CROSSGATE_RANDOM") != "1",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("crossgate")
