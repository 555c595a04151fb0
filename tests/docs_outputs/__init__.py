"""The page of real outputs, made anew and compared."""
