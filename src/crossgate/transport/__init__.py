"""The client towards backends: connections, pool, TLS, limits, and what went wrong in one vocabulary."""
