"""`backend/graphql`: a REST endpoint in front of a GraphQL server."""

from crossgate.components.graphql.component import GraphQl

__all__ = ["GraphQl"]
