"""The crash test: real processes killed again and again, then a count of what was lost."""
