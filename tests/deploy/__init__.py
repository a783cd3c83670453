"""What deploy/ holds: read by parsers, and run where it can be."""
