"""Tests of the embedded servers: real processes, each in a folder of its own."""
