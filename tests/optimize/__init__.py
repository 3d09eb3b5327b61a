"""The exact choice of orders."""
