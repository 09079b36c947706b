"""Vision, contracts, queue, serving client and settings that Digitscribe's services share."""

__version__ = "0.1.0"
