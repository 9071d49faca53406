"""The proxy: judge a request, say who asks, forward exactly the bytes that were judged."""
