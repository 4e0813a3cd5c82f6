"""A year of a network in seconds: two thousand referrals, and people as they are."""
