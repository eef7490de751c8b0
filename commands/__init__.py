"""Groups of commands of the door that are about what SQL holds: accounts and tokens, reports."""
