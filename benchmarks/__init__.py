"""What Earmark's speed, memory and accuracy come to beside its peers, measured by `make bench`."""
