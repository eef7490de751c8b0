"""HTTP, websockets and pages: the hall as the outside meets it."""
