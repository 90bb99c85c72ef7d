"""A flat drawing that knows from which modules its nodes came becomes blocks: nested as the modules are."""
