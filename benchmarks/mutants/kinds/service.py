"""Kinds of mutations of the service as a whole: how it routes, what it says of errors, what else it answers."""

from benchmarks.mutants.changes import flipped, put
from benchmarks.mutants.mutations import Mutation, in_one_of, space_key
from benchmarks.mutants.trees import service

SERVICE: dict[str, Mutation] = {
    **{
        f"router: {key}": space_key("router", key, value, service)
        for key, value in {
            "return_error_msg": True,
            "hide_version_header": True,
            "auto_options": True,
            "disable_redirect_trailing_slash": True,
            "disable_redirect_fixed_path": True,
            "disable_handle_method_not_allowed": True,
            "remove_extra_slash": True,
            "disable_health": True,
            "health_path": "/alive",
            "forwarded_by_client_ip": True,
            "disable_path_decoding": True,
            "error_body": {"404": {"msg": "no"}},
        }.items()
    },
    "debug endpoint": in_one_of(service, flipped("debug_endpoint")),
    "echo endpoint": in_one_of(service, flipped("echo_endpoint")),
    "honest errors": space_key("crossgate/errors", "style", "http", service),
    "REST no longer asked for": in_one_of(service, flipped("disable_rest")),
    "settings of connections": in_one_of(service, put("idle_timeout", "7s", "9s")),
}
