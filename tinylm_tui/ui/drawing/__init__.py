"""Drawings: arrays and snapshots in, lines out. No widget, no app; tested without either."""
