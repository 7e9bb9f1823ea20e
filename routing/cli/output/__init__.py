"""What commands print: German tables and sentences for staff, CSV and JSON for machines."""
