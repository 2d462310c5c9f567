"""Where the values of a TOML text stand, from the syntax tree of tree-sitter. Only asked when there is something to show."""


from crossgate.config.source.place import Place


def place_toml(text: str) -> Place:
    """The places of a text that parses. Keys given in several tables are one object, at its first table."""
    raise NotImplementedError
