"""Tests that cross services or the whole project."""
