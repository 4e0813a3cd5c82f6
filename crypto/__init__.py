"""Keys and bytes: what is sealed, for whom, and how it is opened again."""
