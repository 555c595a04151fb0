"""The pages in a real browser: what it asks for, what it complains of, what a reader with a keyboard or a phone meets."""
