"""The CORS engine in front of somebody else's application: ASGI and WSGI."""
