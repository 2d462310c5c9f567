"""What `crossgate demo` runs beside the gateway: a sample backend and the playground page on another origin."""

from crossgate.demo.backend import start_backend
from crossgate.demo.own_process import command_of
from crossgate.demo.page import start_page
from crossgate.demo.quickstart_file import demo_configuration

__all__ = ["command_of", "demo_configuration", "start_backend", "start_page"]
