"""Door to Jinja2: a report as files a coach opens: JSON, a spreadsheet's CSV, one HTML page."""
