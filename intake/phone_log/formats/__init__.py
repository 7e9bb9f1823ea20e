"""What a list may be saved as: CSV in any dialect and character set, Excel (.xlsx), OpenDocument (.ods)."""
