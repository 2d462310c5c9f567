"""What is wrong with a backend's body, for whoever asked for it decoded."""


class DecodeError(Exception):
    """The body is not what its encoding says. `str()` is the text KrakenD shows, Go's own where Go found the fault."""
