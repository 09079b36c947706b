"""Commands for those who work on Digitscribe."""
