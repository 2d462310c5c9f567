"""How Go reads and writes values, where KrakenD's observable behaviour is Go's: durations, header names, JSON text.

Pure functions over plain values; nothing here knows about gateways or CORS.
"""
