"""A suite of tests made from a configuration: it says what the configuration does today."""
