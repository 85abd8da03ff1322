"""The recipe of the demo's small models. Real architectures, trained on the fixtures."""
