"""How well Digitscribe reads: a scoreboard over labelled images.

python -m tools.evaluate DIR [--save DIR] [--model DIR | --serving HOST:PORT]
"""
