"""Reading handwriting: pure cores, arrays in, arrays out.

    decode → illumination → binarize → lines → components → grouping → segmentation → normalize → reader

A caller needs three names: `decode.decode`, `reader.propose` and `reader.decide`.
"""
