"""Notices as letters and e-mail: builders, rendering, messages and the ways to send them."""
