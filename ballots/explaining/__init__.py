"""Outcomes in plain Dutch, a file for each family of rules; `ballots/explain.py` is the door."""
