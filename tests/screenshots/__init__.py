"""Pictures of every screen in every state and size, from real halls in real Chromium.

`python -m tests.screenshots OUT [NAME…]` makes those whose name begins with a NAME (all without one).
A module per screen exports SCENES; halls.py has the halls in which they play.
"""
