"""A loudspeaker on a machine without a screen, against real servers."""
