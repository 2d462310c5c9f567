"""The listener towards clients: HTTP/1.1 on the event loop, and the one place that writes response heads."""
