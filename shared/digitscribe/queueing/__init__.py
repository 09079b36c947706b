"""Work on its way through Redis: queues of batches, accepted images, results and the stream of events."""
