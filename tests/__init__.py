"""Tests that cross services or the whole project."""

import os

# Before anybody imports grpc: its care for forks waits for threads that never become idle, and no
# child of a test uses a channel of its parent.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
