"""A step as the list of array operations that it is: recorded once, printed, read as NumPy, replayed. See docs/recording.md."""

from minitorch.recording.errors import RecordingError as RecordingError
from minitorch.recording.recording import Recording as Recording, record as record
