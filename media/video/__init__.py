"""Video of the program: scene geometry, compositor, overlays, encoders and local picture sources."""
