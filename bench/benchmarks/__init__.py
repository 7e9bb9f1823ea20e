"""The benchmarks: each module takes the options and yields rows of the table."""
