"""The screens. Draws snapshots and sends commands; holds no mathematics of its own."""
