"""What an operator asks before a start and in the night: does each server answer, and can LEC work with it?"""
