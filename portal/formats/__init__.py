"""How people type dates, where Django knows no better than month, day and year, as in the United States.

A Vietnamese 5/2/2027 was taken for the second of May. ISO 8601 is always understood beside these.
"""
