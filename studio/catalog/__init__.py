"""What can be placed on the canvas and chosen in the settings: declarations only; torch is named, never
imported.
"""
