"""Expressions in CEL: compiled, and what they can cost at worst. For several components.

Knows expressions and the names and types of variables; does not know what an expression decides, or what is in them.
"""
