"""Bugs to be put into a hall, to show that the campaign sees them. Each module has `plant()`, called in every program of
the hall before it begins; none is a switch in the hall's own code.
"""
