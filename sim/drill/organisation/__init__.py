"""The organisation, its vendors and the house rules, as their files describe them."""
