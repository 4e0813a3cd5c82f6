"""Pages for people; no script, and no route that is not a policy."""
