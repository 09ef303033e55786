# /// script
# requires-python = ">=3.11"
# dependencies = ["requests==2.31.0", "rich[all]>=13 ; python_version > '3.8'"]
#
# [tool.lilux]
# permissions = ["read network https://api.example.com", "write filesystem out/**", "read env"]
# ///
'''Says what it needs'''
__version__ = "2.0"
import requests

print(f"{requests.__version__} {'x'}")
