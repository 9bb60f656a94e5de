"""Whether a deployment is well: one check a concern, what is wrong and the remedy."""
