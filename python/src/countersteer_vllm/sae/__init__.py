"""Dictionaries on the server: the formats of `src/sae/`, read lazily, with the same numbers and the same hashes."""
