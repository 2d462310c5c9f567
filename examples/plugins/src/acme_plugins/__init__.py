"""Plugins for crossgate, one module each."""
