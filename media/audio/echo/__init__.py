"""Echo cancellation: EchoCanceller in canceller.py is what others use."""
