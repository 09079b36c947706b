"""Reading handwriting: pure cores, arrays in, arrays out.

    decode → stages (illumination → binarize → lines → components → clutter → joining → grouping)
           → segmentation (cutting) → normalize → the model → paths

A caller needs three names: `decode.decode`, `reader.propose` and `reader.decide`.
"""
