"""validate, plan, apply as functions over ports: they wire the edges to the pure core and return result objects. They neither print nor parse arguments."""
