"""What every console and worker does beside its own work: the clocks' sweep, the daily upkeep."""
