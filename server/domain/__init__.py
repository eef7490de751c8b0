"""The rules of a hall, pure: no input or output, no clock, no chance. Time and ids come in with each command."""
