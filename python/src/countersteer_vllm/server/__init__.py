"""What runs in the API server: admission, routes, and the way of results back into answers."""
