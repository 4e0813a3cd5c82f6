"""What the service knows and promises."""
