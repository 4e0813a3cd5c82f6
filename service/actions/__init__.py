"""One verb per file: ask the rules, then one statement of the store."""
