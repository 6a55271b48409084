"""What people read: pure functions from frozen values to text."""
