"""The models of a site: kept, promoted, and serving."""
