"""What people do with cases and their letters."""
