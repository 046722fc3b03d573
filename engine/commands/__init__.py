"""Verbs of starters, operators and administrators; one command is one transaction and one instant."""
