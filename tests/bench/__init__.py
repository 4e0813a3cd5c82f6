"""Figures of the product beside what this machine can do at all, in one run: `make bench`."""
