"""Reading handwriting: pure cores, arrays in, arrays out.

    decode → viewing → stages (illumination → binarize → lines → components → clutter → joining → grouping)
           → segmentation (cutting) → normalize → the model → paths

A caller needs two names: `decode.decode` and `second_look.read`; or, to ask the model for many images together,
`proposing.propose`, `deciding.decide` and what the second look does after them.
"""
