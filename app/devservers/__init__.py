"""The servers that development, demo and tests need, started and stopped with the program that wants them."""
