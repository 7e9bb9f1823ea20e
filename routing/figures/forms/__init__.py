"""The forms that a report is given in: text, CSV, a workbook, JSON, one page with plots, open data."""
