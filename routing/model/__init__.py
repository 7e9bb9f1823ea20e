"""Values that all of routing speaks of: decisions and concerns, settings, references to letters. No I/O, no clock."""
