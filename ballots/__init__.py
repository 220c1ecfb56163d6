"""The voting machine: papers, letters, codes, casting, counting. It has never heard of a neighbourhood."""
