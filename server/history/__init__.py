"""What happened, in SQL: the archive of the log and its visits, and the little truth that is no fact of the queue."""
