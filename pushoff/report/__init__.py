"""A report as files a coach opens: JSON, a spreadsheet's CSV, HTML (door: Jinja2), PDF (fpdf2)."""
