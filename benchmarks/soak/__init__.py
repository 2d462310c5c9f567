"""Very many requests with random faults on every side, each of them accounted for."""
