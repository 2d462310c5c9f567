"""One policy for all the examples in this folder."""

from crossgate import CorsPolicy

policy = CorsPolicy(
    allow_origins=["https://app.example.com", "https://*.preview.example.com"],
    allow_methods=["GET", "PUT"],
    allow_headers=["Content-Type", "X-Token"],
    expose_headers=["X-Total"],
    max_age=600,
    allow_credentials=True,
)
