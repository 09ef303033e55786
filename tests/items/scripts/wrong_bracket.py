"""Takes the wrong one."""
print((1])
