"""shape tests."""
