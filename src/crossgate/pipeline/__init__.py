"""The plan executed: one file per stage of an endpoint's or a backend's pipe."""
