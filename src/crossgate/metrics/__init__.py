"""Counts and times as every part of the gateway keeps them, and their sum over processes. Knows no socket."""
