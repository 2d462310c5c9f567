"""crossgate: an API gateway that runs KrakenD configuration files unchanged, with CORS as its speciality."""

__version__ = "0.1.0"
