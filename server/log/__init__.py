"""The stream of events of a site, and its twin in memory."""
