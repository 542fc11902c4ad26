"""The dialogs: a question, a text to read, the list of settings."""
