#!/usr/bin/env python3
# kiwi-mcp:validated:2026-01-17T10:00:00Z:0bc874498350
"""Fetches pages and keeps their text.

More about it, which is no part of the description.

__version__: 0.3.0
__executor__: python
"""
import argparse
import json, os.path
from bs4 import BeautifulSoup
import yaml as y, requests
from . import helper

TOKEN = os.environ["FETCH_TOKEN"]
BASE = os.getenv("FETCH_BASE", "https://example.com")


def main():
    import git
    parser = argparse.ArgumentParser(description="unused")
    parser.add_argument("url", help="Where to begin")
    parser.add_argument("--max-pages", "-m", type=int, default=10,
                        help="How many " "at most")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--format", choices=["text", "html"], default="text", required=False)
    parser.add_argument("--tag", action="append", dest="tags")
    parser.add_argument("--ratio", type=float, required=True, default=-0.5)
    args = parser.parse_args()
    print(json.dumps({"pages": os.environ.get("PAGES") or args.max_pages}))


if __name__ == "__main__":
    main()
