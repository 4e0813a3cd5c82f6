"""The demo network: invented organizations, people and referrals, made through the real actions."""
