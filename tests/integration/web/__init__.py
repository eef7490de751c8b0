"""The server from outside: real processes on a real Valkey, held against CONTRACT.md."""
