"""Tests against a running vLLM."""
