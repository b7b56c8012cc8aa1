"""Tokens, price, forecast and bill."""
