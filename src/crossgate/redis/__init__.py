"""Talking to Redis: where it is, the connections of a worker to it, and what holds while it is away.

Knows the wire and the clock; does not know what is kept there.
"""
