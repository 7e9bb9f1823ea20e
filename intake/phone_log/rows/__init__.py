"""From cells to calls: rows, dates, identity, and what an edited row changed."""
