"""The starter collection as plain files, and its loader. The door is `content_seed.load`."""
