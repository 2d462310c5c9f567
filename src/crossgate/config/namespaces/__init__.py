"""The namespaces under `extra_config`: which there are, where they count, one decoder per file."""
