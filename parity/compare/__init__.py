"""The comparison itself: cases, drawn examples, both libraries run, results measured against the error budget."""
