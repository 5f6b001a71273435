"""What runs where the model runs: hooks, edits, and the log of what they did."""
