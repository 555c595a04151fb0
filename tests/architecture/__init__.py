"""Rules about the code itself, checked over its syntax trees."""
