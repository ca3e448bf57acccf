"""The files of an organisation, its vendors and the house rules, as checked models."""
