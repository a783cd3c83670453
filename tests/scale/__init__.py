"""Several machines: three groups of processes that share a database and a Redis."""
