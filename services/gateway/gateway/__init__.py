"""The one API of Digitscribe."""
