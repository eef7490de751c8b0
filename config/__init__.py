"""What this installation is: settings from the environment, sites from TOML files."""
