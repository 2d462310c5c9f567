"""Lua 5.1 beside the gateway: scripts run in processes of their own, which can be ended whatever they are doing.

`hosts` is the gateway's side, `host` the process; `wire` is what they say to each other. Knows KrakenD's names for what
scripts may do; does not know where a script stands in a configuration.
"""
