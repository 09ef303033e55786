"""Forgets a quote."""
print("hello)
