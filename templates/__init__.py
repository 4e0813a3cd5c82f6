"""Every word the product says to people: pages, mails and texts."""

from __future__ import annotations

from templates.surroundings import LANGUAGES, environment, language_of

__all__ = ["LANGUAGES", "environment", "language_of"]
