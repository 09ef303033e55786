#!/bin/sh
# Has a block that is no TOML.
# /// script
# dependencies = [
# permissions = 3
# ///
:
