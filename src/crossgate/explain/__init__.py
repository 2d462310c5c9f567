"""What a configuration answers a request and why: the way through it, the reason, the line, the smallest change."""
