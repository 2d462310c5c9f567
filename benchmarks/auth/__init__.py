"""What it costs to ask for a token: the same endpoint with and without `auth/validator`."""
