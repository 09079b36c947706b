"""The command `digitscribe`."""
