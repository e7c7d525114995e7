"""torch's functions: they read and check arguments, and call the ops. Those that torch has as methods are methods too."""
