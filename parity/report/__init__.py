"""The reports of a comparison: the table, the Markdown page, the HTML page with its plots."""
