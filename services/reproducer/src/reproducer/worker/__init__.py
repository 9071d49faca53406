"""The dispatcher: takes a run, does the one step that its state asks for, writes down the outcome.

Load / process / apply: no database session is open while the network or a comparison is at work,
and what a step found out is written only under the lease that the step began with.
"""
