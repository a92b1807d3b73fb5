"""Outputs of the program: recorder and livestream."""
