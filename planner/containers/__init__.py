"""Where things lie inside audio files: chunks, boxes, tags, frames. Bytes and offsets, no lengths."""
