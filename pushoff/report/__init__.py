"""A report as files for a coach: JSON, CSV for a spreadsheet, HTML (door: Jinja2), PDF (fpdf2)."""
