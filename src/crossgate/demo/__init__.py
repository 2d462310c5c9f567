"""What `crossgate demo` runs beside the gateway: a sample backend and the playground page on another origin."""
