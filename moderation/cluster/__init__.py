"""Bulk work on several machines, with Dask, where an installation has a cluster."""
