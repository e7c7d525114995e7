"""Forms of kernels for CuPy, and the backend that owns its arrays. Imported only when a GPU is first used."""
