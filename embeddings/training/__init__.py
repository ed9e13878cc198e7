"""Training of the bundled static encoder: parallel and retrieval files in, a model directory out."""
