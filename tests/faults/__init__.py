"""The campaign: a hall under load is broken in every way that can be thought of, and what must hold is checked from outside."""
