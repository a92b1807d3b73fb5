"""Room worker: join server, signalling, seats and fan-out; alone it parses what the network sends."""
