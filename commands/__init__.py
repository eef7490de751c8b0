"""The commands of the door, a module for those that need the same parts of the program."""
