"""Wiring only: load, compile, build, serve, stop. What requests do is decided in the rooms below."""
