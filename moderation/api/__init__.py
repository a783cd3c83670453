"""Our REST API: routes, and bodies next to them, by feature."""
