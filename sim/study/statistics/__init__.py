"""Exact statistics over runs: binomial intervals, quantiles by order, and shares of variance. Pure."""
