"""The reports of ``parity speed``: tables as text and Markdown, and the HTML page with its plots."""
