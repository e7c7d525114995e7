"""The comparison: cases, drawn examples, running both libraries, measuring results by the error budget."""
