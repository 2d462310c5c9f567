"""KrakenD's own plugins, written with what other people's are written with."""
