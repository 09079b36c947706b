"""How images are prepared for reading, as settings; these files are the services' own."""
