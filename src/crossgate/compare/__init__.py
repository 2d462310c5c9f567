"""Two compiled plans compared: which requests are answered otherwise, decided over classes of requests, not samples."""
