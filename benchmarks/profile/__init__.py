"""Where the microseconds of a request go: the gateway's own code, without sockets and without a kernel."""
