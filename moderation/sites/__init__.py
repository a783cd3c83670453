"""Sites: keys, policies, and the protocols that they use."""
