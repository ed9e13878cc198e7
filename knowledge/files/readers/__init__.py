"""Text out of files, one module for each kind. They run in the child process only."""
