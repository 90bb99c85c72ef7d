"""Files as arrays: what their first bytes tell, and their content."""
