"""Programs that measure what Neuroloom promises."""
