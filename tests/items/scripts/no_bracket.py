"""Forgets a bracket."""
values = [
    1,
    2,
