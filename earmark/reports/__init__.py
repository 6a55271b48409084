"""Reports: one document of a plan or a run, and a file for each format that it can be read in."""
