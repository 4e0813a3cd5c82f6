"""The commands of the CLI, a file a subject; each imports what it needs when it runs."""
