"""What the formats of ratings share: judgements to write, losses, spans and files."""
