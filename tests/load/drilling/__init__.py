"""The parts of the backup drill: data, writers, what is compared, the floor beside it."""
