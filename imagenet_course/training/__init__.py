"""Training loops: PyTorch here, Keras in `imagenet_course.training.keras`."""
