"""The gateway alone: many endpoints and origins, several workers, a million requests, a gigabyte in one body."""
