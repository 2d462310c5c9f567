"""Configuration text to located tree to typed model, one file per namespace, and the rules across fields."""
