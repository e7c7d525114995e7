"""What a comparison prints: the table, the Markdown page, the HTML page with its plots."""
