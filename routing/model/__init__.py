"""Values that all of routing speaks of: decisions and concerns, settings. No I/O, no clock."""
