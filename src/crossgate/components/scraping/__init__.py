"""Where others read metrics: no component, but what several of them need."""
