"""What ``parity speed`` prints: tables as text and Markdown, and the HTML page with its plots."""
