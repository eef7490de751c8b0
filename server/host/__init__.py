"""The processes of one machine: a Valkey of our own, the server, the dispatcher, the workers, and their parent."""
