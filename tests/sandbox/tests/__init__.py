"""The sandbox's own tests. They use a sandbox of their own, so that one that is in use stays untouched."""
