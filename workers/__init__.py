"""Do what was queued: relay, courier, receipts, clockwork, sealer, scanner."""
