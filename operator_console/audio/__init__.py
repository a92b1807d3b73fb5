"""The audio worker: the hall's loudspeakers and microphones, in a process that may be killed at any time."""
