"""Comments on a site's own page: a script, and a page for readers without one."""
