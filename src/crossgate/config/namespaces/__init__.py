"""The namespaces under `extra_config`: which there are, under which names, where they count, and one decoder per file."""
