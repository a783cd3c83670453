"""Fine-tune the encoder. Needs PyTorch, which nothing else depends on."""
