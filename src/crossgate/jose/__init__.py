"""JSON Web Tokens and their keys: read strictly, verified and made by cryptography, fetched and kept.

What several components need for it, and nothing about what an endpoint asks of a token. Source: RFC 7515 to 7519.
"""
