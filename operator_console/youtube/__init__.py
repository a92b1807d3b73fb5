"""YouTube with an account: sign-in, own calls of the Data API, and what its words mean; no Qt, no session."""
