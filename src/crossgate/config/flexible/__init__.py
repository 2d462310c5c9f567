"""KrakenD's flexible configuration: a file that is a Go template, its settings, partials and templates.

What it renders to goes the way of any other text; what is wrong with that is then shown where it was written. Nothing
is imported here: most files are no templates, and do not wait for what renders them.
"""
