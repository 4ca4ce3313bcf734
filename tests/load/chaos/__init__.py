"""A production-form installation under writes, while everything that can fail does."""
