"""The HTTP front: a router a concern, `app.py` puts them together. No business rule is here."""
