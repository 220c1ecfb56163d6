"""The demo: a fictional town, made through the verbs, its votes cast over HTTP, then served."""
