"""Marks put in by every door of an installation, and the search of all that lies about of it."""
