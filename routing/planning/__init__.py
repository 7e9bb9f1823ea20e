"""Who gets a concern and when: forwards planned, schedules, what a person must release first. Pure work."""
