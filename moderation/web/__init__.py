"""What all HTTP edges share: auth, errors, limits, parsing, and services."""
