"""A plain tree to the typed model: the service, its endpoints, their backends. Namespaces are elsewhere."""
