"""The sandbox's own tests. They use sandbox number 9, so that one that is in use stays untouched."""
