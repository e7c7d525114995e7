"""A step as the list of array operations that it is: recorded, printed, read as NumPy, replayed: docs/recording.md."""

from minitorch.recording.errors import RecordingError as RecordingError
from minitorch.recording.recording import Recording as Recording, record as record
