"""Pure writers: a result object in, text out; a registry of name to writer. No I/O, no decisions: what a report needs to say is in the result."""
