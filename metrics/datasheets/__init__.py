"""How an evaluation by people was done, question by question, as far as it is recorded here.

The questions are of the matters that the Human Evaluation Datasheet (Shimorina and Belz, 2022)
asks about, in our own words and order.
"""
