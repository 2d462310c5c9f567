"""Token buckets, and where they are kept: in memory that workers share, or in a Redis that gateways share.

Knows buckets; does not know requests, or what a limit is for.
"""
