"""Decides and sends: rules, schedule, letters, outbox, and the doors and the clock that see everything."""
