"""Accounts: what readers see and do with their own."""
