"""What computing costs in energy and CO₂: CodeCarbon's readings, kept as a trace."""
