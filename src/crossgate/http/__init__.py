"""HTTP as values: messages, field lines, the grammar of RFC 9110 and RFC 3986 that several rooms need. Pure."""
