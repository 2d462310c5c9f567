"""Measurements, each runnable with one command and printing the table that the documentation shows."""
