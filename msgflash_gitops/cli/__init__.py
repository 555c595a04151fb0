"""The only room that knows click, one file per command: parse, call a workflow, hand the result to a report. The error boundary is here and nowhere else."""
