"""The pages of the project, and `docs.site`, which builds a site of them."""
