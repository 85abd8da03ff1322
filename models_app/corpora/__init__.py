"""What is done with corpora: split, check, draw, mix, measure."""
