"""What rules do and would do: checked, explained, tried on the past, proposed."""
