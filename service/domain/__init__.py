"""Pure rules: what may happen, who may do it, what follows; no I/O, no framework."""
