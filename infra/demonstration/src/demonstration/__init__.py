"""The story that `make demo` tells: each step by the right person of the right agency, over HTTP and Kafka."""
