"""A whole campaign as a site of files that opens without a server or a network."""
