"""The weekly quota: which invitations count, how many may, and when there are more."""
