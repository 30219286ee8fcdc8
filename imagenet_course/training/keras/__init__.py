"""Input pipelines and training with Keras, on TensorFlow."""
