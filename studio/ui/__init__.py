"""The window. All of Qt is here."""
