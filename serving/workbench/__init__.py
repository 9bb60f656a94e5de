"""The underwriter's pages: rendered on the server, without scripts."""
