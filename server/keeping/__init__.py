"""All that a hall remembers, into one file and back, and the proof that it is sound."""
