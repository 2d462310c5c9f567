"""A typed model compiled into a plan: frozen, printable, comparable; routes and the order of stages live here."""

from crossgate.plan.compile import compile_plan
from crossgate.plan.identity import Identity
from crossgate.plan.plan import BackendPlan, EndpointPlan, Plan
from crossgate.plan.render import render_json, render_text

__all__ = ["BackendPlan", "EndpointPlan", "Identity", "Plan", "compile_plan", "render_json", "render_text"]
