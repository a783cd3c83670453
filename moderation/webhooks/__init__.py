"""Events for sites: recorded with the change, sent later, and retried."""
