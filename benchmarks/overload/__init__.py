"""What becomes of a gateway that is offered more than it can serve."""
