"""torch's functions: they read and check arguments, and call the ops. Many are methods of the tensor too."""
