"""A hall that lives: simulated visitors and operators, who know nothing but the public API."""
