"""Our REST API: routes, and bodies beside them, by feature."""
