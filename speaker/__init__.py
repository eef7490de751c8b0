"""A loudspeaker on a machine without a screen: a client of the public API that knows nothing of the server's inside."""
