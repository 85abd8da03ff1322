"""Fine-tuning: settings, data, the trainer, what it leaves behind."""
