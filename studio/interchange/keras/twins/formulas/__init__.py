"""The functions of formulas in Keras, and what is known of their tensors."""
