"""OpenAPI documents: one made of a configuration, and a configuration made of one. Pure: no files, no network."""
