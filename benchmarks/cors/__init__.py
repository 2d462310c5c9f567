"""The cost of CORS layers in process."""
