"""Every word the product says to people: pages, mails and texts."""
