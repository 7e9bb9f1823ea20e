"""Commands for data protection: retention, rights of persons, who looked, the record."""
