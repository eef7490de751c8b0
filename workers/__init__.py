"""What happens afterwards: the dispatcher, which turns the log into jobs, and the workers, which do them."""
