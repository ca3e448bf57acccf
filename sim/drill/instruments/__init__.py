"""The instruments through which people know of the world: each with its delay, its blind spots, its age.

Only these modules turn truth into observations; views are made of what they return.
"""
